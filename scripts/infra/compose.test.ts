import { expect, it } from 'vitest';
import { infraOf, type ComposeFile } from './compose.ts';

const FILE: ComposeFile = {
  services: {
    postgres: { environment: { POSTGRES_PASSWORD: 'a$$b/c' }, ports: [{ target: 5432, published: '15433' }] },
    redis: { environment: { CHAT_REDIS_PASSWORD: 'p@ss' }, ports: [{ target: 6379, published: '16380' }] },
    kafka: { ports: [{ target: 9092 }, { target: 19092, published: '19094' }] },
    mailpit: {
      ports: [
        { target: 1025, published: '2525' },
        { target: 8025, published: '8026' },
      ],
    },
  },
};

it('gives the addresses of the services that were started, with the ports and the password of the file', () => {
  expect(infraOf(FILE, ['postgres', 'redis', 'kafka', 'mailpit'])).toEqual({
    addresses: {
      databaseUrl: 'postgres://postgres:a%24b%2Fc@127.0.0.1:15433/chat',
      redisUrl: 'redis://chat-admin:p%40ss@127.0.0.1:16380',
      kafkaBroker: '127.0.0.1:19094',
    },
    mail: { smtpUrl: 'smtp://127.0.0.1:2525', mailboxUrl: 'http://localhost:8026' },
  });
  expect(infraOf(FILE, ['kafka'])).toEqual({ addresses: { kafkaBroker: '127.0.0.1:19094' } });
});

it('names a port that an overriding file does not publish', () => {
  expect(() => infraOf({ services: { redis: {} } }, ['redis'])).toThrow('redis of Docker Compose must publish its port 6379');
});
