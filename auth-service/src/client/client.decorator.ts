import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type ClientHeaders, clientDetailsOf } from './client-details.js';

/** The parameter gets the ClientDetails of the request. */
export const Client = createParamDecorator((_: unknown, context: ExecutionContext) =>
  clientDetailsOf(context.switchToHttp().getRequest<{ headers: ClientHeaders }>().headers),
);
