import type { FeedPage, FeedPosition, FeedReplayRequest, Notification, NotificationPage, RequestToken } from '@chat/shared/contracts';
import { pathOf, ServiceClient } from '@chat/shared/http';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { GatewayConfig } from '../config.js';

@Injectable()
export class NotificationClient implements OnApplicationShutdown {
  private readonly http: ServiceClient;

  constructor(config: GatewayConfig) {
    this.http = new ServiceClient({ baseUrl: config.notificationServiceUrl, serviceName: 'notification-service' });
  }

  getPage(query: { page: number; limit: number; unreadOnly: boolean }, token: RequestToken): Promise<NotificationPage> {
    const { page, limit, unreadOnly } = query;
    return this.http.request({ method: 'GET', path: '/notifications', query: { page, limit, unreadOnly }, token });
  }

  async getUnreadCount(token: RequestToken): Promise<number> {
    const answer = await this.http.request<{ count: number }>({ method: 'GET', path: '/notifications/unread-count', token });
    return answer.count;
  }

  markAsRead(notificationId: string, token: RequestToken): Promise<Notification> {
    return this.http.request({ method: 'PATCH', path: pathOf('notifications', notificationId, 'read'), token });
  }

  async markAllAsRead(token: RequestToken): Promise<void> {
    await this.http.request({ method: 'POST', path: '/notifications/mark-all-read', token });
  }

  async delete(notificationId: string, token: RequestToken): Promise<void> {
    await this.http.request({ method: 'DELETE', path: pathOf('notifications', notificationId), token });
  }

  /** The last position of the feed. */
  getFeedEndPosition(token: RequestToken): Promise<FeedPosition> {
    return this.http.request({ method: 'POST', path: '/feed/end-position', token });
  }

  /** The next page of events after a position that the current user may see. */
  replayFeed(request: FeedReplayRequest, token: RequestToken): Promise<FeedPage> {
    return this.http.request({ method: 'POST', path: '/feed/replay', body: request, token });
  }

  onApplicationShutdown(): Promise<void> {
    return this.http.close();
  }
}
