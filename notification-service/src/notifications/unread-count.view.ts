import { ApiProperty } from '@nestjs/swagger';

export class UnreadCountView {
  @ApiProperty({ description: 'Unread notifications of the caller; those of one conversation count as one' })
  count: number;
}
