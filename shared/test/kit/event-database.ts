import type { DataSource, EntityManager } from 'typeorm';
import type { DatabaseConfig } from '../../src/config/index.js';
import { addInboxPurges, addLastRecords, createConsumerTables, type ReceivedEvent } from '../../src/consumer/index.js';
import { createDataSource } from '../../src/database/index.js';
import type { EventType } from '../../src/events/index.js';
import { createOutboxTable } from '../../src/outbox/index.js';

export const SCHEMA = 'messaging';

export async function writeEffect(manager: EntityManager, event: ReceivedEvent<EventType>): Promise<void> {
  await manager.query('insert into effects (event_id, key, seq) values ($1, $2, $3)', [
    event.eventId,
    event.key,
    'seq' in event.payload ? event.payload.seq : 0,
  ]);
}

export async function connect(config: DatabaseConfig, applicationName = 'messaging-test'): Promise<DataSource> {
  const dataSource = createDataSource({ config, schema: SCHEMA, entities: [], migrations: [], applicationName });
  return await dataSource.initialize();
}

export async function migrate(config: DatabaseConfig): Promise<void> {
  const dataSource = await connect(config);
  await createOutboxTable(dataSource);
  await createConsumerTables(dataSource);
  await addLastRecords(dataSource);
  await addInboxPurges(dataSource);
  // No unique index: a second effect must be visible, not rejected.
  await dataSource.query('create table effects (position bigserial primary key, event_id uuid, key text, seq int)');
  await dataSource.query('create table conversations (id text primary key, last_seq int not null default 0)');
  await dataSource.destroy();
}
