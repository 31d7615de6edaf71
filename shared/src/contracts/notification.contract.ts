import type { Paginated } from './pages.contract.js';

/** The types of notifications. */
export type NotificationType = 'MESSAGE' | 'MENTION' | 'REACTION' | 'GROUP' | 'SYSTEM' | 'PRESENCE_UPDATE';

/** One notification of a user; `createdAt` is RFC 3339, UTC. */
export interface Notification {
  id: string;
  userId: string;
  type: NotificationType;
  title: string;
  message: string;
  /** MESSAGE: conversationId, messageId, senderId, seq, count. SYSTEM, of a sign-in from a new device: sessionId. */
  data: Record<string, unknown> | null;
  read: boolean;
  createdAt: string;
}

/** `total` and `totalPages` count only unread notifications if `unreadOnly` is set; `unreadCount` always counts the unread ones. */
export interface NotificationPage extends Paginated<Notification> {
  unreadCount: number;
}
