import { newId } from '@chat/shared/database';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChatDataSource } from '../src/data-source.js';
import { Chat } from './kit/chat.js';

let chat: Chat;
let dataSource: DataSource;
beforeAll(async () => {
  chat = await Chat.start();
  dataSource = createChatDataSource(chat.database.config);
  await dataSource.initialize();
});
afterAll(async () => {
  await dataSource?.destroy();
  await chat?.stop();
});

describe('the schema', () => {
  it('has what the entities say', async () => {
    for (const { target } of dataSource.entityMetadatas) expect(await dataSource.getRepository(target).find({ take: 1 })).toEqual([]);
  });

  it('has room for one direct conversation of two people', async () => {
    const [low, high] = [newId(), newId()].sort();
    const insert = (one: unknown, other: unknown) =>
      chat.sql.query(
        `insert into conversations (id, kind, direct_low, direct_high, created_by, created_at) values ($1, 'DIRECT', $2, $3, $2, now())`,
        [newId(), one, other],
      );
    await insert(low, high);
    await expect(insert(low, high)).rejects.toMatchObject({ constraint: 'conversations_direct_pair' });
    await expect(insert(high, low)).rejects.toMatchObject({ code: '23514' });
    await expect(insert(low, low)).rejects.toMatchObject({ code: '23514' });
  });

  it('has no index over what a send changes in conversations and members, so that they are written in place', async () => {
    const indexed = await chat.rows<{ column_name: string }>(`
      select distinct a.attname as column_name from pg_index i
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
        where i.indrelid in ('conversations'::regclass, 'members'::regclass)`);
    expect(indexed.map(({ column_name }) => column_name).sort()).toEqual(['conversation_id', 'direct_high', 'direct_low', 'id', 'user_id']);
  });
});
