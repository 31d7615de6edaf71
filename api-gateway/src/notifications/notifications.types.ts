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
registerEnumType(NotificationTypeEnum, { name: 'NotificationType', description: 'The event that a notification is about.' });

@ObjectType({
  description:
    'A user has at most one unread MESSAGE notification per conversation; each new message increases its `data.count`. `data` of MESSAGE has conversationId, messageId, senderId, seq and count; `data` of SYSTEM, for a login from a new device, has sessionId.',
})
export class Notification {
  @Field(() => ID)
  id: string;

  @Field({ description: 'The user that the notification is for.' })
  userId: string;

  @Field(() => NotificationTypeEnum)
  type: NotificationType;

  @Field({ description: 'MESSAGE: the name of the sender. SYSTEM: a fixed text.' })
  title: string;

  @Field({ description: 'MESSAGE: the beginning of the newest message, at most 140 characters.' })
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
  @Field(() => Int, { description: 'The number of unread notifications of the current user.' })
  unreadCount: number;
}
