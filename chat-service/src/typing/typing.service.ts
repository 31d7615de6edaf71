import type { Typing } from '@chat/shared/contracts';
import { type Log, LOGGER } from '@chat/shared/observability';
import { channels } from '@chat/shared/realtime';
import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { ReadQueries, type Statement } from '../database/queries.js';
import { conversationNotFound } from '../messages/messages.errors.js';

/** Token of the Redis connection on which typing is published. */
export const TYPING_REDIS = Symbol('typing redis');

/** Typing is published on Redis and stored nowhere. While Redis is unavailable, no member sees it. */
@Injectable()
export class TypingService {
  constructor(
    private readonly queries: ReadQueries,
    @Inject(TYPING_REDIS) private readonly redis: Redis,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  async setTyping(userId: string, conversationId: string, typing: boolean): Promise<void> {
    const row = await this.queries.row<{ is_silent: boolean }>(FIND_TYPING_MEMBER, [conversationId, userId]);
    if (!row) throw conversationNotFound();
    if (row.is_silent) return;
    const live: Typing = { conversationId, userId, typing };
    try {
      await this.redis.publish(channels.typing(conversationId), JSON.stringify(live));
    } catch (error) {
      this.logger.debug({ error }, 'typing was not published');
    }
  }
}

/** A direct conversation in which no message can be sent shows no typing either. */
const FIND_TYPING_MEMBER: Statement = {
  name: 'find_typing_member',
  text: `
    select c.is_closed or c.is_blocked as is_silent from conversations c
      join members me on me.conversation_id = c.id and me.user_id = $2
      where c.id = $1 and not exists (select 1 from user_deletions d where d.user_id = $2)`,
};
