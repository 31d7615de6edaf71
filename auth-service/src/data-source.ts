import type { DatabaseConfig } from '@chat/shared/config';
import { createDataSource } from '@chat/shared/database';
import type { DataSource } from 'typeorm';
import { Account } from './accounts/account.entity.js';
import { MailRequest } from './mail/mail-request.entity.js';
import { MailToken } from './mail/mail-token.entity.js';
import { Baseline1764000000001 } from './migrations/0001-baseline.js';
import { WithdrawnSigningKeys1764000000002 } from './migrations/0002-withdrawn-signing-keys.js';
import { MailRequesters1764000000003 } from './migrations/0003-mail-requesters.js';
import { OAuthAttempt } from './oauth/oauth-attempt.entity.js';
import { OAuthCode } from './oauth/oauth-code.entity.js';
import { OAuthIdentity } from './oauth/oauth-identity.entity.js';
import { KnownDevice } from './client/known-device.entity.js';
import { RecoveryCode } from './mfa/recovery-code.entity.js';
import { TotpSecret } from './mfa/totp-secret.entity.js';
import { SignInChallenge } from './sign-in/challenge.entity.js';
import { AuditEvent } from './audit-log/audit-event.entity.js';
import { RefreshToken } from './sessions/refresh-token.entity.js';
import { Session } from './sessions/session.entity.js';
import { SigningKey } from './signing-keys/signing-key.entity.js';

export const SCHEMA = 'auth';

/** The data source of the schema `auth`; not connected yet. */
export function createAuthDataSource(config: DatabaseConfig): DataSource {
  return createDataSource({
    config,
    schema: SCHEMA,
    entities: [
      Account,
      Session,
      RefreshToken,
      SigningKey,
      AuditEvent,
      KnownDevice,
      TotpSecret,
      RecoveryCode,
      SignInChallenge,
      OAuthAttempt,
      OAuthCode,
      OAuthIdentity,
      MailRequest,
      MailToken,
    ],
    migrations: [Baseline1764000000001, WithdrawnSigningKeys1764000000002, MailRequesters1764000000003],
    applicationName: 'auth-service',
  });
}
