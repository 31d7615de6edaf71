import { ApiProperty } from '@nestjs/swagger';
import { IsId } from '@chat/shared/http';

/** The path of what belongs to one session. */
export class SessionIdDto {
  @ApiProperty({ format: 'uuid' })
  @IsId()
  sessionId: string;
}
