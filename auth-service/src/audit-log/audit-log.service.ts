import { Injectable } from '@nestjs/common';
import { newId } from '@chat/shared/database';
import { DataSource, type EntityManager } from 'typeorm';
import type { AuthenticatedUser } from '@chat/shared/auth';
import { type Paginated, paginated, type SecurityEvent as SecurityEventView } from '@chat/shared/contracts';
import type { ClientDetails } from '../client/client-details.js';
import { AuditEvent, type AuditEventType } from './audit-event.entity.js';

/** The audit log of each account. An entry is written in the transaction of what it records, so that both are stored or neither. */
@Injectable()
export class AuditLogService {
  constructor(private readonly dataSource: DataSource) {}

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

  /** The entries of the current user, newest first. */
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
