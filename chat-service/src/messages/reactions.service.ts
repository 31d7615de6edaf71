import type { AuthenticatedUser } from '@chat/shared/auth';
import { type OwnReactions, type Paginated, paginated } from '@chat/shared/contracts';
import { Injectable } from '@nestjs/common';
import { ReadQueries, type Statement } from '../database/queries.js';
import { requireEmoji } from './emoji.js';
import { IS_VISIBLE } from './messages.queries.js';
import { MessagesService } from './messages.service.js';

/** What a message does not show of its reactions, when it has many. */
@Injectable()
export class ReactionsService {
  constructor(
    private readonly queries: ReadQueries,
    private readonly messages: MessagesService,
  ) {}

  /** All members that reacted with an emoji, in the order in which they did. A tombstone has none. */
  async getUserIds(user: AuthenticatedUser, messageId: string, text: string, page: number, limit: number): Promise<Paginated<string>> {
    const emoji = requireEmoji(text);
    const { deletedAt } = await this.messages.getMessage(user, messageId);
    // The deletion of the sender's account may not have come to them yet.
    if (deletedAt !== null) return paginated([], 0, page, limit);
    const [count, rows] = await Promise.all([
      this.queries.row<{ count: number }>(COUNT_REACTIONS, [messageId, emoji]),
      this.queries.rows<{ user_id: string }>(LIST_REACTIONS, [messageId, emoji, limit, (page - 1) * limit]),
    ]);
    const userIds = rows.map(({ user_id }) => user_id);
    return paginated(userIds, count?.count ?? 0, page, limit);
  }

  /** Of messages that the user has reacted to and may see; others are left out. */
  getOwn(user: AuthenticatedUser, messageIds: string[]): Promise<OwnReactions[]> {
    return this.queries.rows<OwnReactions>(OWN_REACTIONS, [messageIds, user.userId]);
  }
}

const COUNT_REACTIONS: Statement = {
  name: 'count_reactions',
  text: 'select count from message_reaction_counts where message_id = $1 and emoji = $2',
};

/** By the index message_reactions_by_emoji. A group has 1,000 members, so that a late page skips few rows. */
const LIST_REACTIONS: Statement = {
  name: 'list_reactions',
  text: 'select user_id from message_reactions where message_id = $1 and emoji = $2 order by position limit $3 offset $4',
};

/** By the primary key of message_reactions. */
const OWN_REACTIONS: Statement = {
  name: 'own_reactions',
  text: `
    select r.message_id as "messageId", array_agg(r.emoji order by r.position) as emojis
      from message_reactions r join messages m on m.id = r.message_id
      where r.message_id = any ($1::uuid[]) and r.user_id = $2 and ${IS_VISIBLE}
      group by r.message_id`,
};
