import { Injectable } from '@nestjs/common';
import { newId } from '@chat/shared/database';
import type { EntityManager } from 'typeorm';
import type { ClientDetails } from '../sessions/client-details.js';
import { SecurityEvent } from './security-event.entity.js';

export const SECURITY_EVENT_TYPES = [
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

export type SecurityEventType = (typeof SECURITY_EVENT_TYPES)[number];

/** The log of each account: written in the transaction of what it tells of, so that neither is there without the other. */
@Injectable()
export class SecurityEventsService {
  async record(
    manager: EntityManager,
    event: {
      userId: string;
      type: SecurityEventType;
      client?: ClientDetails;
      sessionId?: string;
      details?: Record<string, string | number | boolean>;
    },
  ): Promise<void> {
    await manager.getRepository(SecurityEvent).insert({
      id: newId(),
      userId: event.userId,
      type: event.type,
      sessionId: event.sessionId ?? null,
      userAgent: event.client?.userAgent ?? null,
      ipAddress: event.client?.ipAddress ?? null,
      details: event.details ?? {},
      createdAt: new Date(),
    });
  }
}
