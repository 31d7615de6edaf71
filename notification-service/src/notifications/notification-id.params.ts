import { IsId } from '@chat/shared/http';
import { ApiProperty } from '@nestjs/swagger';

export class NotificationIdParams {
  @ApiProperty({ format: 'uuid' })
  @IsId()
  id: string;
}
