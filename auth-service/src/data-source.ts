import type { DatabaseConfig } from '@chat/shared/config';
import { createDataSource } from '@chat/shared/database';
import type { DataSource } from 'typeorm';
import { Account } from './accounts/account.entity.js';
import { AccountsAndSessions1764000000001 } from './migrations/0001-accounts-and-sessions.js';
import { Outbox1764000000002 } from './migrations/0002-outbox.js';
import { SecurityEvents1764000000003 } from './migrations/0003-security-events.js';
import { SessionEpochsAndKeyRotation1764000000004 } from './migrations/0004-session-epochs-and-key-rotation.js';
import { MailRequest } from './mail/mail-request.entity.js';
import { MailToken } from './mail/mail-token.entity.js';
import { Mail1764000000005 } from './migrations/0005-mail.js';
import { SecondFactorAndKnownDevices1764000000006 } from './migrations/0006-second-factor-and-known-devices.js';
import { OAuth1764000000007 } from './migrations/0007-oauth.js';
import { SessionsOutliveAccounts1764000000008 } from './migrations/0008-sessions-outlive-accounts.js';
import { UsedOAuthCodes1764000000009 } from './migrations/0009-used-oauth-codes.js';
import { RepeatedOAuthCodes1764000000010 } from './migrations/0010-repeated-oauth-codes.js';
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

/** auth-service's part of the database; not connected yet. */
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
    migrations: [
      AccountsAndSessions1764000000001,
      Outbox1764000000002,
      SecurityEvents1764000000003,
      SessionEpochsAndKeyRotation1764000000004,
      Mail1764000000005,
      SecondFactorAndKnownDevices1764000000006,
      OAuth1764000000007,
      SessionsOutliveAccounts1764000000008,
      UsedOAuthCodes1764000000009,
      RepeatedOAuthCodes1764000000010,
    ],
    applicationName: 'auth-service',
  });
}
