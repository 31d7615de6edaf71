import { SetMetadata } from '@nestjs/common';

export const ALLOW_DURING_MFA_ENROLLMENT = 'chat:during-setup';

/** This route, or operation of the gateway, is also for accounts that must set up a second factor first, where their tokens are taken at all. */
export const AllowDuringMfaEnrollment = (): MethodDecorator => SetMetadata(ALLOW_DURING_MFA_ENROLLMENT, true);
