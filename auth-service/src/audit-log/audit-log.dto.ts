import { ApiProperty } from '@nestjs/swagger';
import type { Paginated, SecurityEvent } from '@chat/shared/contracts';
import { AUDIT_EVENT_TYPES } from './audit-event.entity.js';

/** An event in the history of the account of the current user. */
export class AuditEventDto implements SecurityEvent {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ enum: AUDIT_EVENT_TYPES }) type: string;
  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'The session that was created, was revoked, or made the change',
  })
  sessionId: string | null;
  @ApiProperty({ type: String, nullable: true }) userAgent: string | null;
  @ApiProperty({ type: String, nullable: true }) ipAddress: string | null;
  @ApiProperty({ type: 'object', additionalProperties: true, description: 'Further fields, such as the method of a sign-in' })
  details: Record<string, string | number | boolean>;
  @ApiProperty({ format: 'date-time' }) createdAt: string;
}

export class AuditEventPageDto implements Paginated<SecurityEvent> {
  @ApiProperty({ type: [AuditEventDto], description: 'Newest first' }) data: AuditEventDto[];
  @ApiProperty() total: number;
  @ApiProperty() page: number;
  @ApiProperty() limit: number;
  @ApiProperty() totalPages: number;
}
