import { Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '@chat/shared/auth';
import { type Paginated, paginated, type SecurityEvent as SecurityEventView } from '@chat/shared/contracts';
import { DataSource } from 'typeorm';
import { AuditEvent } from './audit-event.entity.js';

/** The log of an account as its owner reads it. */
@Injectable()
export class AuditLogReader {
  constructor(private readonly dataSource: DataSource) {}

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
