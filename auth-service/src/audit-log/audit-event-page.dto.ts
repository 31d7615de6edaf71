import { ApiProperty } from '@nestjs/swagger';
import type { Paginated, SecurityEvent } from '@chat/shared/contracts';
import { AuditEventDto } from './audit-event.dto.js';

export class AuditEventPageDto implements Paginated<SecurityEvent> {
  @ApiProperty({ type: [AuditEventDto], description: 'Newest first' }) data: AuditEventDto[];
  @ApiProperty() total: number;
  @ApiProperty() page: number;
  @ApiProperty() limit: number;
  @ApiProperty() totalPages: number;
}
