import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Something that happened to an account and that its owner may want to know of. */
@Entity('audit_events')
export class AuditEvent {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ type: 'uuid' })
  userId: string;

  /** One of SECURITY_EVENT_TYPES. */
  @Column({ type: 'text' })
  type: string;

  @Column({ type: 'uuid', nullable: true })
  sessionId: string | null;

  @Column({ type: 'text', nullable: true })
  userAgent: string | null;

  @Column({ type: 'inet', nullable: true })
  ipAddress: string | null;

  /** More about it, such as the provider; nothing secret. */
  @Column({ type: 'jsonb', default: {} })
  details: Record<string, string | number | boolean>;

  @Column({ type: 'timestamptz' })
  createdAt: Date;
}

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
