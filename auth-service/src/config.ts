import {
  CommonConfig,
  DatabaseConfig,
  Env,
  type ConfigWithChecks,
  KafkaConfig,
  RedisConfig,
  Section,
  InternalReceiverConfig,
} from '@chat/shared/config';
import { SERVICE_PORTS } from '@chat/shared/contracts';
import { MAX_TOKEN_SECONDS } from '@chat/shared/auth';
import { MailConfig } from './mail/mail.config.js';
import { AuthRateLimitsConfig } from './rate-limits/rate-limits.config.js';
import { OAuthConfig } from './oauth/oauth.config.js';

const MIN_BCRYPT_COST = 10;
const PRODUCTION_BCRYPT_COST = 12;

/** The configuration of auth-service. */
export class AuthConfig extends CommonConfig implements ConfigWithChecks {
  @Env({ name: 'PORT', type: 'int', default: SERVICE_PORTS['auth-service'], min: 0, max: 65_535, description: 'Port of the REST API' })
  port: number;

  @Env({
    name: 'AUTH_SECRET',
    type: 'secret',
    min: 32,
    description:
      'At least 32 random characters. Encrypts the signing keys and derives refresh tokens; with another value the service does not start on the same database',
  })
  authSecret: string;

  @Env({
    name: 'JWT_EXPIRATION',
    type: 'durationSeconds',
    default: 900,
    min: 10,
    max: MAX_TOKEN_SECONDS,
    description: 'Lifetime of an access token',
  })
  accessTokenSeconds: number;

  @Env({
    name: 'REFRESH_TOKEN_EXPIRATION',
    type: 'durationSeconds',
    default: 2_592_000,
    min: 60,
    max: 31_536_000,
    description: 'Lifetime of a refresh token: a session that is not used for this long expires',
  })
  refreshTokenSeconds: number;

  @Env({
    name: 'SESSION_MAX_LIFETIME',
    type: 'durationSeconds',
    default: 15_552_000,
    min: 60,
    max: 315_360_000,
    description: 'Maximum lifetime of a session, however often it is used: after it, the user must sign in again',
  })
  sessionMaxSeconds: number;

  @Env({
    name: 'BCRYPT_COST',
    type: 'int',
    optional: true,
    min: MIN_BCRYPT_COST,
    max: 15,
    description: 'Cost of password hashing; each step doubles the work. Empty: 10, in production 12',
  })
  bcryptCost: number;

  @Env({
    name: 'KEY_ROTATION_DAYS',
    type: 'int',
    default: 30,
    min: 0,
    max: 3650,
    description: 'Age at which a signing key gets a successor; 0: only by `npm run keys -- rotate`',
  })
  keyRotationDays: number;

  @Env({
    name: 'PASSWORD_QUEUE_LENGTH',
    type: 'int',
    default: 32,
    min: 1,
    max: 1000,
    description:
      'How many checks of passwords, and how many new hashes, may wait for a free core; half of them from one client network. Further ones are refused as UNAVAILABLE',
  })
  passwordQueueLength: number;

  @Env({
    name: 'BREACHED_PASSWORDS_URL',
    type: 'url',
    optional: true,
    description:
      'A service of breached passwords in which new passwords are looked up, with the range API of Pwned Passwords (https://api.pwnedpasswords.com). It receives five hex digits of a SHA-1, never a password. While it is unavailable, passwords are accepted. Empty: no lookup',
  })
  breachedPasswordsUrl?: string;

  @Env({
    name: 'WEB_APP_URL',
    type: 'url',
    optional: true,
    description:
      'Address of the web client. Links in mails and sign-ins at providers lead there, and nowhere else. Empty: PUBLIC_URL, where the gateway shows the result of a sign-in',
  })
  webAppUrl: string;

  @Section(OAuthConfig)
  oauth: OAuthConfig;

  @Env({
    name: 'TOTP_ISSUER',
    type: 'string',
    default: 'Chat',
    description: 'The name of this installation in authenticator apps, beside the e-mail address of the account',
  })
  totpIssuer: string;

  @Env({
    name: 'TOTP_TOLERANCE_STEPS',
    type: 'int',
    default: 1,
    min: 0,
    max: 1,
    description:
      'How many steps of 30 seconds before and after the current one have valid codes: 1 allows for inaccurate clocks and for the time to type, as RFC 6238 recommends; with 0 a code is valid in its own 30 seconds only',
  })
  totpToleranceSteps: number;

  @Env({
    name: 'REQUIRE_SECOND_FACTOR',
    type: 'boolean',
    default: false,
    description:
      'true: accounts without MFA get MFA enrolment tokens, which permit nothing but the enrolment, and MFA cannot be disabled; tokens and sockets from before stay valid until they expire',
  })
  requireSecondFactor: boolean;

  @Env({
    name: 'SECURITY_LOG_DAYS',
    type: 'int',
    default: 365,
    min: 1,
    max: 3650,
    description: 'How many days the audit log of each account (sign-ins, wrong codes, changes) is kept',
  })
  securityLogDays: number;

  @Section(MailConfig)
  mail: MailConfig;

  @Section(InternalReceiverConfig)
  internalReceiver: InternalReceiverConfig;

  @Section(AuthRateLimitsConfig)
  rateLimits: AuthRateLimitsConfig;

  @Section(DatabaseConfig)
  database: DatabaseConfig;

  @Section(RedisConfig)
  redis: RedisConfig;

  @Section(KafkaConfig)
  kafka: KafkaConfig;

  validate(): string[] {
    this.webAppUrl ??= this.oauth.publicUrl;
    this.bcryptCost ??= this.nodeEnv === 'production' ? PRODUCTION_BCRYPT_COST : MIN_BCRYPT_COST;
    const problems =
      this.refreshTokenSeconds > this.accessTokenSeconds ? [] : ['REFRESH_TOKEN_EXPIRATION must be longer than JWT_EXPIRATION'];
    if (this.breachedPasswordsUrl !== undefined && !/^https?:/i.test(this.breachedPasswordsUrl))
      problems.push('BREACHED_PASSWORDS_URL must begin with https:// or http://');
    return problems;
  }
}
