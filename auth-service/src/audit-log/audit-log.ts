import { Injectable } from '@nestjs/common';
import { newId } from '@chat/shared/database';
import type { EntityManager } from 'typeorm';
import type { ClientDetails } from '../client/client-details.js';
import type { AuditEventType } from './audit-event-types.js';
import { AuditEvent } from './audit-event.entity.js';

/** The log of each account: written in the transaction of what it tells of, so that neither is there without the other. */
@Injectable()
export class AuditLog {
  async record(
    manager: EntityManager,
    event: {
      userId: string;
      type: AuditEventType;
      client?: ClientDetails;
      sessionId?: string;
      details?: Record<string, string | number | boolean>;
    },
  ): Promise<void> {
    await manager.getRepository(AuditEvent).insert({
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
