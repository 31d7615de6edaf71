import { SetMetadata } from '@nestjs/common';

/** Metadata key of `@Public()`. */
export const PUBLIC_ROUTE = 'chat:public-route';

/** This route, or every route of this controller, needs no bearer token. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(PUBLIC_ROUTE, true);
