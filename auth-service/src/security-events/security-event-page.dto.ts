import { ApiProperty } from '@nestjs/swagger';
import type { Paginated, SecurityEvent } from '@chat/shared/contracts';
import { SecurityEventDto } from './security-event.dto.js';

export class SecurityEventPageDto implements Paginated<SecurityEvent> {
  @ApiProperty({ type: [SecurityEventDto], description: 'Newest first' }) data: SecurityEventDto[];
  @ApiProperty() total: number;
  @ApiProperty() page: number;
  @ApiProperty() limit: number;
  @ApiProperty() totalPages: number;
}
