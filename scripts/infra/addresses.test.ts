import { expect, it } from 'vitest';
import { addressesFromEnvironment } from './addresses.ts';

it('reads the addresses that are given, and only those', () => {
  expect(addressesFromEnvironment({ REDIS_URL: 'redis://r:1', KAFKA_BROKER: 'a:1,b:1' })).toEqual({
    redisUrl: 'redis://r:1',
    kafkaBroker: 'a:1,b:1',
  });
});

it('builds an address from its parts, with the usual ports and names', () => {
  expect(addressesFromEnvironment({ DB_HOST: 'db', DB_PASSWORD: 'p@ss', REDIS_PORT: '6380' })).toEqual({
    databaseUrl: 'postgres://postgres:p%40ss@db:5432/chat',
    redisUrl: 'redis://127.0.0.1:6380',
  });
});
