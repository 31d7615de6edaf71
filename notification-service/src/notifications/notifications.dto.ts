import type { Notification, NotificationPage, NotificationType } from '@chat/shared/contracts';
import { PageQuery } from '@chat/shared/http';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsOptional } from 'class-validator';

export class NotificationsQuery extends PageQuery {
  @ApiPropertyOptional({ type: Boolean, default: false })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  unreadOnly: boolean = false;
}

export class NotificationView implements Notification {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid' })
  userId: string;

  @ApiProperty({ enum: ['MESSAGE', 'MENTION', 'REACTION', 'GROUP', 'SYSTEM', 'PRESENCE_UPDATE'] })
  type: NotificationType;

  @ApiProperty({ description: 'MESSAGE: the name of the sender; SYSTEM: a fixed text' })
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

  @ApiProperty({ format: 'date-time', description: 'MESSAGE: the time of the newest message in it; SYSTEM: the time of the sign-in' })
  createdAt: string;
}

export class NotificationPageView implements NotificationPage {
  @ApiProperty({ type: [NotificationView] })
  data: NotificationView[];

  @ApiProperty({ description: 'With unreadOnly: of unread notifications only' })
  total: number;

  @ApiProperty()
  page: number;

  @ApiProperty()
  limit: number;

  @ApiProperty({ description: 'With unreadOnly: of unread notifications only' })
  totalPages: number;

  @ApiProperty({ description: 'Unread notifications, whether unreadOnly is set or not' })
  unreadCount: number;
}

export class UnreadCountView {
  @ApiProperty({ description: 'Unread notifications of the current user; those of one conversation count as one' })
  count: number;
}
