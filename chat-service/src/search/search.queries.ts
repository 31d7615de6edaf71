import type { Statement } from '../database/queries.js';

/** sql/search_messages.sql */
export const SEARCH_MESSAGES: Statement = {
  name: 'search_messages',
  text: 'select * from search_messages($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)',
};

export interface SearchRow {
  kind: 'found' | 'unindexed' | 'more';
  message_id: string;
  created_at: Date;
  seq: number;
  content: string;
}

/** sql/unindexed_messages.sql */
export const UNINDEXED_MESSAGES: Statement = { name: 'unindexed_messages', text: 'select * from unindexed_messages($1, $2, $3, $4)' };

/** sql/index_messages.sql */
export const INDEX_MESSAGES: Statement = {
  name: 'index_messages',
  text: 'select index_messages($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) as windows',
};

/** Conversations with changed messages that are indexed already; those with deleted ones only if $3. */
export const CHANGED_CONVERSATIONS: Statement = {
  name: 'changed_conversations',
  text: `
    select distinct e.conversation_id as id
      from (select c.conversation_id, c.seq from message_search_changes c where not c.is_deleted or $3 limit 1000) e
      join message_search_positions p on p.conversation_id = e.conversation_id and p.indexed_seq >= e.seq and p.rule <= $1
      limit $2`,
};

/** The next conversations by id: all of them, and whether they have messages that are not indexed. */
export const NEXT_CONVERSATIONS: Statement = {
  name: 'next_conversations_to_index',
  text: `
    select c.id, c.last_seq > case when p.rule >= $2 then p.indexed_seq else 0 end as is_unindexed
      from conversations c left join message_search_positions p on p.conversation_id = c.id
      where c.id > $1 order by c.id limit $3`,
};
