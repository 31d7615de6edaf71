import { ApiProperty } from '@nestjs/swagger';
import { IsId } from '@chat/shared/http';

/** The path of what belongs to one user. */
export class UserIdDto {
  @ApiProperty({ format: 'uuid' })
  @IsId()
  userId: string;
}
