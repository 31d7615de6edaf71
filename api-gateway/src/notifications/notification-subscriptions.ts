import { channels, LiveChannels } from '@chat/shared/realtime';
import { LOGGER, type Log } from '@chat/shared/observability';
import { Inject, Injectable } from '@nestjs/common';
import { closable, LiveQueue } from '../graphql/live-queue.js';
import type { Notification } from './notification.types.js';

/** What is published again after a crash comes shortly after it came first. */
const REMEMBERED_TEXTS = 32;

/** A person's notifications as they are made. */
@Injectable()
export class NotificationSubscriptions {
  constructor(
    private readonly live: LiveChannels,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  async watch(userId: string): Promise<AsyncGenerator<{ notificationReceived: Notification }, void>> {
    const queue = new LiveQueue<{ notificationReceived: Notification }>();
    const recent: string[] = [];
    const leave = await this.live.subscribe(channels.notification(userId), (text) => {
      if (recent.includes(text)) return;
      recent.push(text);
      if (recent.length > REMEMBERED_TEXTS) recent.shift();
      try {
        queue.push({ notificationReceived: JSON.parse(text) as Notification });
      } catch (error) {
        this.logger.error({ error }, 'a live notification could not be read');
      }
    });
    return closable(queue.items(), () => {
      leave();
      queue.close();
    });
  }
}
