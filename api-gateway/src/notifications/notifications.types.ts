import type { NotificationType } from '@chat/shared/contracts';
import { Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { DateTime } from '../graphql/date-time.scalar.js';
import { Json } from '../graphql/json.scalar.js';
import { Paginated } from '../graphql/pages.js';

export const NotificationTypeEnum = {
  MESSAGE: 'MESSAGE',
  MENTION: 'MENTION',
  REACTION: 'REACTION',
  GROUP: 'GROUP',
  SYSTEM: 'SYSTEM',
  PRESENCE_UPDATE: 'PRESENCE_UPDATE',
} as const satisfies Record<NotificationType, string>;
registerEnumType(NotificationTypeEnum, { name: 'NotificationType' });

@ObjectType({
  description:
    'A user has at most one unread MESSAGE notification per conversation; each new message increases its `data.count`. `data` of MESSAGE has conversationId, messageId, senderId, seq and count.',
})
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

@ObjectType({ description: '`total` and `totalPages` respect `unreadOnly`; `unreadCount` does not.' })
export class PaginatedNotifications extends Paginated(Notification) {
  @Field(() => Int)
  unreadCount: number;
}
