import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An event in the history of an account, for its owner. */
@Entity('audit_events')
export class AuditEvent {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ type: 'uuid' })
  userId: string;

  /** One of AUDIT_EVENT_TYPES. */
  @Column({ type: 'text' })
  type: string;

  @Column({ type: 'uuid', nullable: true })
  sessionId: string | null;

  @Column({ type: 'text', nullable: true })
  userAgent: string | null;

  @Column({ type: 'inet', nullable: true })
  ipAddress: string | null;

  /** Further fields, such as the provider; no secrets. */
  @Column({ type: 'jsonb', default: {} })
  details: Record<string, string | number | boolean>;

  @Column({ type: 'timestamptz' })
  createdAt: Date;
}

/** The recorded types of events. */
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
