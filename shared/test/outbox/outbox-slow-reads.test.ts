import { afterEach, beforeEach, expect, it } from 'vitest';
import { OutboxRelay } from '../../src/outbox/index.js';
import { SCHEMA } from '../kit/event-database.js';
import { World } from '../kit/event-world.js';
import { log } from '../kit/log.js';
import { allOf, conversation } from '../kit/messages.js';

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.end());

// As after an outage of Kafka: the read passes millions of deleted rows.
it('an outbox whose first read takes longer than the limit of a statement is published nevertheless', async () => {
  const messages = conversation(30);
  await world.publish(...messages);
  // Every row that is read takes 10 ms.
  for (const statement of [
    'create policy insert_row on outbox for insert with check (true)',
    'create policy delete_row on outbox for delete using (true)',
    'create policy read_row on outbox for select using (pg_sleep(0.01) is not null)',
    'alter table outbox enable row level security',
    'alter table outbox force row level security',
  ])
    await world.dataSource.query(statement);
  const relay = new OutboxRelay({
    config: world.database.config,
    schema: SCHEMA,
    kafka: world.config,
    logger: log,
    statementTimeoutMs: 100,
  });
  world.atEnd(relay, (one) => one.stop()).start();
  world.consumer();
  expect(await world.arrived([messages])).toEqual(allOf([messages]));
});
