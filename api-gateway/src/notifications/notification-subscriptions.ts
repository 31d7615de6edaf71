import { channels, LiveChannels } from '@chat/shared/realtime';
import { LOGGER, type Log } from '@chat/shared/observability';
import { Inject, Injectable } from '@nestjs/common';
import type { ByteBudget } from '../graphql/bounded-queue.js';
import { closable, LiveQueue } from '../graphql/live-queue.js';
import type { Notification } from './notifications.types.js';

/** After a crash, notification-service publishes its last notifications again, shortly after the first time. */
const MAX_RECENT_TEXTS = 32;

/** Subscriptions to the new notifications of a user. */
@Injectable()
export class NotificationSubscriptions {
  constructor(
    private readonly live: LiveChannels,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  async open(userId: string, budget: ByteBudget): Promise<AsyncGenerator<{ notificationReceived: Notification }, void>> {
    const queue = new LiveQueue<{ notificationReceived: Notification }>(budget);
    const recent: string[] = [];
    const unsubscribe = await this.live.subscribe(channels.notification(userId), (text) => {
      if (recent.includes(text)) return;
      recent.push(text);
      if (recent.length > MAX_RECENT_TEXTS) recent.shift();
      try {
        queue.push({ notificationReceived: JSON.parse(text) as Notification }, text.length);
      } catch (error) {
        this.logger.error({ error }, 'a live notification is not valid JSON');
      }
    });
    return closable(queue.items(), () => {
      unsubscribe();
      queue.close();
    });
  }
}
