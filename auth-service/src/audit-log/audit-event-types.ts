/** What is written down of an account. */
export const AUDIT_EVENT_TYPES = [
  'registered',
  'signed-in',
  'signed-in-from-new-device',
  'sign-in-failed',
  'code-failed',
  'refresh-token-reused',
  'session-revoked',
  'password-changed',
  'password-reset',
  'email-verified',
  'totp-enabled',
  'totp-disabled',
  'recovery-code-used',
  'provider-linked',
  'provider-unlinked',
  'account-taken-back',
] as const;

export type AuditEventType = (typeof AUDIT_EVENT_TYPES)[number];
