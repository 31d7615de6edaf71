import type { NotificationType } from '@chat/shared/contracts';
import { IsId } from '@chat/shared/http';
import { ArgsType, Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { IsBoolean, IsInt, Max, Min } from 'class-validator';
import { DateTime } from '../graphql/date-time.scalar.js';
import { Json } from '../graphql/json.scalar.js';

export const NotificationTypeEnum = {
  MESSAGE: 'MESSAGE',
  MENTION: 'MENTION',
  REACTION: 'REACTION',
  GROUP: 'GROUP',
  SYSTEM: 'SYSTEM',
  PRESENCE_UPDATE: 'PRESENCE_UPDATE',
} as const satisfies Record<NotificationType, string>;
registerEnumType(NotificationTypeEnum, { name: 'NotificationType' });

@ObjectType({ description: 'data of MESSAGE: conversationId, messageId, senderId, seq, count.' })
export class Notification {
  @Field(() => ID)
  id: string;

  @Field()
  userId: string;

  @Field(() => NotificationTypeEnum)
  type: NotificationType;

  @Field()
  title: string;

  @Field()
  message: string;

  @Field(() => Json, { nullable: true })
  data: Record<string, unknown> | null;

  @Field()
  read: boolean;

  @Field(() => DateTime)
  createdAt: string;
}

@ObjectType({ description: 'total and totalPages follow unreadOnly; unreadCount does not.' })
export class PaginatedNotifications {
  @Field(() => [Notification])
  data: Notification[];

  @Field(() => Int)
  total: number;

  @Field(() => Int)
  page: number;

  @Field(() => Int)
  limit: number;

  @Field(() => Int)
  totalPages: number;

  @Field(() => Int)
  unreadCount: number;
}

@ArgsType()
export class NotificationsArgs {
  @IsInt()
  @Min(1)
  @Field(() => Int, { defaultValue: 1 })
  page: number;

  @IsInt()
  @Min(1)
  @Max(100)
  @Field(() => Int, { defaultValue: 20 })
  limit: number;

  @IsBoolean()
  @Field(() => Boolean, { defaultValue: false })
  unreadOnly: boolean;
}

@ArgsType()
export class MarkNotificationArgs {
  @IsId()
  @Field(() => String)
  notificationId: string;
}

@ArgsType()
export class NotificationArgs {
  @IsId()
  @Field(() => ID)
  notificationId: string;
}
