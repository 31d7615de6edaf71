import { DatabaseConfig } from '@chat/shared/config';
import { silentLog } from '@chat/shared/observability';
import { eventually } from '@chat/shared/testing';
import { FaultProxy } from '@chat/testkit/fault-proxy';
import { expect, it } from 'vitest';
import { connectRecorder } from '../src/app.module.js';
import { createFeedDatabase } from './kit/feed-database.js';

it('a start whose connection for recording fails waits for PostgreSQL, instead of ending the service', async () => {
  const database = await createFeedDatabase();
  const proxy = await FaultProxy.start(database.config);
  try {
    proxy.refuse();
    const waits: unknown[] = [];
    const log = { ...silentLog, warn: (fields: unknown) => void waits.push(fields) };
    const connecting = connectRecorder(Object.assign(new DatabaseConfig(), database.config, { host: '127.0.0.1', port: proxy.port }), log);
    await Promise.race([connecting, eventually(() => expect(waits.length).toBeGreaterThan(0))]);
    proxy.resume();
    const recorder = await connecting;
    expect(await recorder.query('select 1 as one')).toEqual([{ one: 1 }]);
    await recorder.destroy();
  } finally {
    await proxy.close();
    await database.close();
  }
});
