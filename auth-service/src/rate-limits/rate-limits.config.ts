import { Env, type RateLimit, RateLimitConfig } from '@chat/shared/config';

/** The rate limits of auth-service: points per time of each class of requests. */
export class AuthRateLimitsConfig extends RateLimitConfig {
  @Env({ name: 'RATE_LIMIT_REGISTER', type: 'rateLimit', default: '20/10m', description: 'Registrations from an address' })
  register: RateLimit;

  @Env({
    name: 'RATE_LIMIT_LOGIN',
    type: 'rateLimit',
    default: '30/60',
    description: 'Logins with a password from an address. Wrong passwords are also delayed, see docs/security/sign-in.md',
  })
  login: RateLimit;

  @Env({
    name: 'RATE_LIMIT_PASSWORD_RESET',
    type: 'rateLimit',
    default: '20/15m',
    description: 'Requests of an address for links that set a new password, and uses of such links',
  })
  passwordReset: RateLimit;

  @Env({
    name: 'RATE_LIMIT_PASSWORD_CHANGE',
    type: 'rateLimit',
    default: '10/10m',
    description: 'Requests of a user that need the current password: to change it, or to delete the account',
  })
  passwordChange: RateLimit;

  @Env({
    name: 'RATE_LIMIT_CODES',
    type: 'rateLimit',
    default: '30/60',
    description:
      'Codes and tokens that an address or a user presents: of an authenticator app, recovery codes, links that confirm an address, codes and ID tokens of providers',
  })
  codes: RateLimit;

  @Env({
    name: 'RATE_LIMIT_EMAIL_VERIFICATION',
    type: 'rateLimit',
    default: '3/15m',
    description: 'Requests of a user for another link that confirms the e-mail address',
  })
  emailVerification: RateLimit;

  @Env({
    name: 'RATE_LIMIT_MAILS',
    type: 'rateLimit',
    default: '4/15m',
    description:
      'Mails of every kind to one e-mail address; further ones are not sent. RATE_LIMIT_USERS_PER_ADDRESS times as many for all mails that one network address causes',
  })
  mails: RateLimit;

  @Env({
    name: 'RATE_LIMIT_NOTICES',
    type: 'rateLimit',
    default: '3/15m',
    description: 'Notices of changes of the password and of MFA to one confirmed e-mail address, besides RATE_LIMIT_MAILS',
  })
  notices: RateLimit;
}
