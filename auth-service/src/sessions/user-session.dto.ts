import { ApiProperty } from '@nestjs/swagger';
import type { UserSession } from '@chat/shared/contracts';

export class UserSessionDto implements UserSession {
  @ApiProperty({ format: 'uuid' }) sessionId: string;
  @ApiProperty({ description: 'Whether it is the session that asks' }) current: boolean;
  @ApiProperty({ type: String, nullable: true, description: 'The program that used it last' }) userAgent: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'The address it was last used from' }) ipAddress: string | null;
  @ApiProperty({ format: 'date-time' }) createdAt: string;
  @ApiProperty({ format: 'date-time', description: 'When it last got tokens' }) lastUsedAt: string;
}
