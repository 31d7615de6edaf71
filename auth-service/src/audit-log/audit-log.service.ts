import { Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '@chat/shared/auth';
import { type Paginated, paginated, type SecurityEvent as SecurityEventView } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { DataSource, type EntityManager } from 'typeorm';
import type { ClientDetails } from '../client/client-details.js';
import { AuditEvent, type AuditEventType } from './audit-event.entity.js';

export interface NewAuditEvent {
  userId: string;
  type: AuditEventType;
  client?: ClientDetails;
  sessionId?: string;
  details?: Record<string, string | number | boolean>;
}

/** The audit log of each account. An event is written in the transaction of what it records, so that both are stored or neither. */
@Injectable()
export class AuditLogService {
  constructor(private readonly dataSource: DataSource) {}

  record(manager: EntityManager, event: NewAuditEvent): Promise<void> {
    return this.recordAll(manager, [event]);
  }

  /** Many events with one insert. */
  async recordAll(manager: EntityManager, events: NewAuditEvent[]): Promise<void> {
    if (events.length === 0) return;
    const createdAt = new Date();
    await manager.getRepository(AuditEvent).insert(
      events.map(({ userId, type, client, sessionId, details }) => ({
        id: newId(),
        userId,
        type,
        sessionId: sessionId ?? null,
        userAgent: client?.userAgent ?? null,
        ipAddress: client?.ipAddress ?? null,
        details: details ?? {},
        createdAt,
      })),
    );
  }

  /** The events of the current user, newest first. */
  async list({ userId }: AuthenticatedUser, { page, limit }: { page: number; limit: number }): Promise<Paginated<SecurityEventView>> {
    const [events, total] = await this.dataSource.getRepository(AuditEvent).findAndCount({
      where: { userId },
      order: { createdAt: 'DESC', id: 'DESC' },
      skip: (page - 1) * limit,
      take: limit,
    });
    return paginated(events.map(toView), total, page, limit);
  }
}

function toView({ id, type, sessionId, userAgent, ipAddress, details, createdAt }: AuditEvent): SecurityEventView {
  return { id, type, sessionId, userAgent, ipAddress, details, createdAt: createdAt.toISOString() };
}
