import { decodeLiveFeedEvent, type FeedEvent, type Notification } from '@chat/shared/contracts';
import { channels } from '@chat/shared/realtime';
import { testInfra } from '@chat/shared/testing';
import { Redis } from 'ioredis';

/** Receives what is published to some users, as a gateway does. */
export class ChannelSubscriber {
  readonly #redis = new Redis(testInfra().redisUrl);
  /** By user, everything in the order of arrival. */
  readonly events = new Map<string, FeedEvent[]>();
  readonly notifications = new Map<string, Notification[]>();

  static async of(...userIds: string[]): Promise<ChannelSubscriber> {
    const subscriber = new ChannelSubscriber();
    await subscriber.add(...userIds);
    subscriber.#redis.on('message', (channel: string, text: string) => {
      const userId = channel.slice(channel.indexOf(':') + 1);
      if (channel === channels.user(userId)) subscriber.events.get(userId)!.push(decodeLiveFeedEvent(text));
      else subscriber.notifications.get(userId)!.push(JSON.parse(text) as Notification);
    });
    return subscriber;
  }

  async add(...userIds: string[]): Promise<void> {
    for (const userId of userIds) {
      this.events.set(userId, []);
      this.notifications.set(userId, []);
    }
    await this.#redis.subscribe(...userIds.flatMap((id) => [channels.user(id), channels.notification(id)]));
  }

  /** The events that a gateway passes on: of each partition only those newer than all earlier ones. */
  newerOnly(userId: string): FeedEvent[] {
    const last = new Map<number, [number, number]>();
    return this.events.get(userId)!.filter(({ epoch, partition, offset }) => {
      const [lastEpoch, lastOffset] = last.get(partition) ?? [0, -1];
      if (epoch < lastEpoch || (epoch === lastEpoch && offset <= lastOffset)) return false;
      last.set(partition, [epoch, offset]);
      return true;
    });
  }

  close(): void {
    this.#redis.disconnect();
  }
}
