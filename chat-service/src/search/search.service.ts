import type { AuthenticatedUser } from '@chat/shared/auth';
import type { ChatMessage, SearchMessagesRequest, SearchPage } from '@chat/shared/contracts';
import { isSearchable, searchText } from '@chat/shared/search';
import { Injectable } from '@nestjs/common';
import { ReadQueries, SearchQueries } from '../database/queries.js';
import { FIND_MESSAGES, type MessageRow, toChatMessage } from '../messages/messages.queries.js';
import { MessagesService } from '../messages/messages.service.js';
import { queryGrams, SEARCH_RULE } from './grams.js';
import { BLOCK_SIZE, turnsForOthers } from './index-batch.js';
import { comparePositions, decodeSearchCursor, encodeSearchCursor, type SearchPosition } from './search-cursor.js';
import { emptySearch, searchTooBroad } from './search.errors.js';
import { SEARCH_MESSAGES, type SearchRow } from './search.queries.js';

/** What one statement reads at most: messages that are not indexed, and blocks of the index. */
const MAX_UNINDEXED = 500;
const MAX_BLOCKS = 40_000;
/** A page that takes longer ends with what was found, and a cursor to continue from. */
const TIME_MS = 1000;

const NEWEST: SearchPosition = { createdAt: Infinity, seq: 2_147_483_647, messageId: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };

interface Step {
  found: SearchPosition[];
  /** Up to here `found` is complete; null: to the end. */
  until: SearchPosition | null;
}

@Injectable()
export class SearchService {
  constructor(
    private readonly searches: SearchQueries,
    private readonly queries: ReadQueries,
    private readonly messages: MessagesService,
  ) {}

  /**
   * The messages that contain the text of the query, as `searchText` compares texts, newest first. A message is found from its acknowledgement
   * on, and its former text no more from the acknowledgement of a change on: what is not indexed is compared here.
   *
   * NOT_FOUND for a conversation that the user is not a member of. A page may be shorter than `limit`, and have a cursor, if there was much to read.
   */
  async searchMessages(user: AuthenticatedUser, request: SearchMessagesRequest): Promise<SearchPage> {
    const { query, conversationId = null, senderId = null, limit = 20, after } = request;
    const text = searchText(query);
    if (!isSearchable(text)) throw emptySearch();
    let position = after === undefined ? NEWEST : decodeSearchCursor(after);
    if (conversationId !== null) await this.messages.requireMember(user, conversationId);

    const found: SearchPosition[] = [];
    const endsAt = performance.now() + TIME_MS;
    let isComplete = false;
    while (found.length <= limit && !isComplete && performance.now() < endsAt) {
      const step = await this.#step({ userId: user.userId, conversationId, senderId, text, position, limit: limit + 1 - found.length });
      found.push(...step.found);
      isComplete = step.until === null;
      if (step.until !== null && comparePositions(step.until, position) <= 0) throw searchTooBroad();
      position = step.until ?? position;
    }
    if (found.length > limit) position = found[limit - 1]!;
    const isLast = isComplete && found.length <= limit;
    const data = await this.#load(user, found.slice(0, limit), text);
    return { data, nextCursor: isLast ? null : encodeSearchCursor(position) };
  }

  async #step(search: {
    userId: string;
    conversationId: string | null;
    senderId: string | null;
    text: string;
    position: SearchPosition;
    limit: number;
  }): Promise<Step> {
    const { userId, conversationId, senderId, text, position, limit } = search;
    const before = position.createdAt === Infinity ? 'infinity' : new Date(position.createdAt).toISOString();
    const query = [userId, conversationId, senderId, text, queryGrams(text), SEARCH_RULE, BLOCK_SIZE];
    const bounds = [before, position.seq, position.messageId, limit, MAX_UNINDEXED, MAX_BLOCKS];
    const rows = await this.searches.rows<SearchRow>(SEARCH_MESSAGES, [...query, ...bounds]);
    const { found: indexed = [], unindexed = [], more = [] } = Object.groupBy(rows, (row) => row.kind);
    const found = indexed.map(positionOf);
    const turn = turnsForOthers();
    for (const row of unindexed) {
      if (searchText(row.content).includes(text)) found.push(positionOf(row));
      await turn(row.content);
    }
    found.sort(comparePositions);
    const ends = more.map(positionOf);
    if (indexed.length === limit) ends.push(positionOf(indexed.at(-1)!));
    const until = ends.sort(comparePositions)[0] ?? null;
    return { found: until === null ? found : found.filter((one) => comparePositions(one, until) <= 0), until };
  }

  /** In their order. A message that was changed or deleted since it was found is left out, unless it still has the text. */
  async #load(user: AuthenticatedUser, found: SearchPosition[], text: string): Promise<ChatMessage[]> {
    if (found.length === 0) return [];
    const ids = found.map(({ messageId }) => messageId);
    const rows = await this.queries.rows<MessageRow>(FIND_MESSAGES, [ids, user.userId]);
    const byId = new Map(rows.map((row) => [row.id, toChatMessage(row)]));
    return ids.flatMap((id) => {
      const message = byId.get(id);
      return message && message.deletedAt === null && searchText(message.content).includes(text) ? [message] : [];
    });
  }
}

function positionOf(row: SearchRow): SearchPosition {
  return { createdAt: row.created_at.getTime(), seq: row.seq, messageId: row.message_id };
}
