import type { Notification, NotificationType } from '@chat/shared/contracts';
import { ApiProperty } from '@nestjs/swagger';

/** For the description of the API. */
export class NotificationView implements Notification {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid' })
  userId: string;

  @ApiProperty({ enum: ['MESSAGE', 'MENTION', 'REACTION', 'GROUP', 'SYSTEM', 'PRESENCE_UPDATE'] })
  type: NotificationType;

  @ApiProperty({ description: 'MESSAGE: the name of the sender; SYSTEM: a text of the service' })
  title: string;

  @ApiProperty({ description: 'MESSAGE: the beginning of the newest message, at most 140 characters' })
  message: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    description: 'MESSAGE: conversationId, messageId, senderId, seq, count. SYSTEM, of a sign-in from a new device: sessionId',
  })
  data: Record<string, unknown> | null;

  @ApiProperty()
  read: boolean;

  @ApiProperty({ format: 'date-time', description: 'MESSAGE: of the newest message that it stands for; SYSTEM: of what it tells' })
  createdAt: string;
}
