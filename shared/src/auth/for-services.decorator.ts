import { SetMetadata } from '@nestjs/common';
import type { ServiceName } from '../contracts/index.js';

/** Metadata key of `@ForServices()`. */
export const FOR_SERVICES = 'chat:for-services';

/** Only these services may call this route, or every route of this controller, with their internal tokens; no user may. */
export const ForServices = (...issuers: ServiceName[]): MethodDecorator & ClassDecorator => SetMetadata(FOR_SERVICES, issuers);
