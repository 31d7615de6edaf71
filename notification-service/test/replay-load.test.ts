import { createPool, newId } from '@chat/shared/database';
import { eventually } from '@chat/shared/testing';
import type { DataSource } from 'typeorm';
import { describe, expect, it, vi } from 'vitest';
import { createReplayPool } from '../src/feed/databases.js';
import { FeedReplay } from '../src/feed/replay.js';
import { ReplayQueries } from '../src/feed/replay-queries.js';
import { Conversation } from './kit/events.js';
import { createFeedDatabase } from './kit/feed-database.js';
import { useService } from './kit/running-service.js';

const test = useService();
const { write, publish, call, isReady, notificationsOf } = test;
const BEGINNING = { epoch: 1, offsets: [-1, -1, -1, -1] };
/** The statements of this database that sleep. */
const SLEEPING = `select 1 from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;

/** Until \`end\`, every page takes longer than any deadline. */
async function makePagesSlow(dataSource: DataSource): Promise<{ end(): Promise<void> }> {
  const [{ definition }] = await dataSource.query(`select pg_get_functiondef('replay_feed'::regproc) as definition`);
  await dataSource.query(definition.replace(/\bbegin\b/i, 'begin\n  perform pg_sleep(60);'));
  return { end: async () => void (await dataSource.query(definition)) };
}

describe('while more pages are requested than the database computes', () => {
  it('events are recorded, published and notified', async () => {
    await isReady();
    const slow = await makePagesSlow(test.dataSource);
    const stop = new AbortController();
    const clients = Array.from({ length: 24 }, async () => {
      while (!stop.signal.aborted) await call('POST', '/feed/replay', newId(), { after: BEGINNING, limit: 500 });
    });
    await eventually(async () => expect(await test.dataSource.query(SLEEPING)).not.toHaveLength(0));
    const conversation = new Conversation(write);
    const [ann, bob] = conversation.members as [string, string];
    conversation.create();
    conversation.send(ann);
    await publish();
    await eventually(async () => expect(await notificationsOf(bob)).toMatchObject({ total: 1 }), { timeoutMs: 30_000 });
    stop.abort();
    await Promise.all(clients);
    await slow.end();
  });

  it('a page is given up by its own statement timeout before the gateway gives it up', async () => {
    const { config, close } = await createFeedDatabase();
    const pool = createReplayPool(config);
    expect((await pool.query('show statement_timeout')).rows).toEqual([{ statement_timeout: '2500ms' }]);
    await pool.end();
    await close();
  });
});

describe('a page whose client has closed the connection', () => {
  it('is aborted', async () => {
    await isReady();
    const slow = await makePagesSlow(test.dataSource);
    const page = vi.spyOn(test.service.app.get(FeedReplay), 'page');
    const client = new AbortController();
    const answer = call('POST', '/feed/replay', newId(), { after: BEGINNING, limit: 500 }, client.signal).catch((error: unknown) => error);
    await eventually(() => expect(page).toHaveBeenCalled());
    const signal = page.mock.calls[0]![2]!;
    expect(signal.aborted).toBe(false);
    client.abort();
    await eventually(() => expect(signal.aborted).toBe(true));
    await answer;
    await slow.end();
  });

  it('is not computed further, and not at all if it waited for a connection', async () => {
    const { config, dataSource, close } = await createFeedDatabase();
    const pool = createPool({ config, applicationName: 'test', max: 1, settings: { statement_timeout: '0' } });
    const queries = new ReplayQueries(pool, dataSource);
    const [running, waiting] = [new AbortController(), new AbortController()];
    const first = queries.rows('select pg_sleep(60)', [], running.signal);
    await eventually(async () => expect(await dataSource.query(SLEEPING)).toHaveLength(1));
    const second = queries.rows('create table computed_for_nothing ()', [], waiting.signal);
    waiting.abort();
    running.abort();
    await expect(first).rejects.toMatchObject({ code: 'feed/page-given-up' });
    await expect(second).rejects.toMatchObject({ code: 'feed/page-given-up' });
    expect(await dataSource.query(SLEEPING)).toEqual([]);
    // The connection is used again.
    expect(await queries.rows(`select to_regclass('computed_for_nothing') as made`, [])).toEqual([{ made: null }]);
    await queries.onApplicationShutdown();
    await close();
  });
});
