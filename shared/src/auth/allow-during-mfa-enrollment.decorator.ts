import { SetMetadata } from '@nestjs/common';

/** Metadata key of `@AllowDuringMfaEnrollment()`. */
export const ALLOW_DURING_MFA_ENROLLMENT = 'chat:allow-during-mfa-enrollment';

/** Allows this route, or operation of the gateway, also during MFA enrolment, to users that have to finish it before anything else. */
export const AllowDuringMfaEnrollment = (): MethodDecorator => SetMetadata(ALLOW_DURING_MFA_ENROLLMENT, true);
