import type { ChatMessage, SearchMessagesRequest, SearchPage } from '@chat/shared/contracts';
import { SearchIndexer } from '../../src/search/search-indexer.js';
import { StoredConversations } from '../../src/messages/stored-conversations.js';
import { type Chat, eventually } from './chat.js';
import type { TestUser } from './test-user.js';

export function search(user: TestUser, request: SearchMessagesRequest): Promise<SearchPage> {
  return user.must('POST', '/chat/messages/search', request);
}

/** All pages of a search. */
export async function searchAll(user: TestUser, request: SearchMessagesRequest): Promise<ChatMessage[]> {
  const found: ChatMessage[] = [];
  for (let after: string | null | undefined; after !== null;) {
    const page: SearchPage = await search(user, after === undefined ? request : { ...request, after });
    found.push(...page.data);
    after = page.nextCursor;
  }
  return found;
}

export async function contentsFound(user: TestUser, query: string): Promise<string[]> {
  return (await searchAll(user, { query, limit: 100 })).map(({ content }) => content);
}

/** Indexes everything now, also what was not stored by the service. */
export async function indexAll(chat: Chat): Promise<void> {
  const stored = chat.service.app.get(StoredConversations);
  const indexer = chat.service.app.get(SearchIndexer);
  await eventually(async () => {
    const open = await chat.rows<{ id: string }>(`
      select c.id from conversations c left join message_search_positions p on p.conversation_id = c.id
        where c.last_seq > coalesce(p.indexed_seq, 0)
      union select conversation_id from message_search_changes`);
    for (const { id } of open) stored.add(id);
    if (open.length > 0) await indexer.index(true);
    return open.length === 0;
  });
}
