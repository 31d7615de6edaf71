import { globSync } from 'node:fs';
import path from 'node:path';
import { newId } from '@chat/shared/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chat } from './kit/chat.js';

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(async () => {
  await chat?.stop();
});

describe('the schema', () => {
  it('has every SQL file of the service', async () => {
    const files = globSync('../src/**/*.sql', { cwd: import.meta.dirname }).map((file) => path.basename(file));
    const applied = await chat.rows<{ name: string }>('select name from sql_files');
    expect(applied.map(({ name }) => name).sort()).toEqual(files.sort());
  });

  it('allows one direct conversation of two users', async () => {
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

  it('has no index on the columns that a send updates in conversations and members, so that rows are updated in place', async () => {
    const indexed = await chat.rows<{ column_name: string }>(`
      select distinct a.attname as column_name from pg_index i
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
        where i.indrelid in ('conversations'::regclass, 'members'::regclass)`);
    expect(indexed.map(({ column_name }) => column_name).sort()).toEqual(['conversation_id', 'direct_high', 'direct_low', 'id', 'user_id']);
  });
});
