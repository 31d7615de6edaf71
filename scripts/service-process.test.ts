import { expect, it } from 'vitest';
import type { Secrets } from './secrets.ts';
import { environmentOf, processEnvironment, type ServiceEnvironment } from './service-process.ts';
import { SERVICES, SERVICE_PORTS, type ServiceName, type ServicePorts } from './services.ts';

const secrets: Secrets = {
  postgresPassword: 'p',
  databasePasswords: { auth: 'auth password' },
  internalKeys: {
    'api-gateway': { privateKey: 'private key of the gateway', publicKey: 'G' },
    'chat-service': { privateKey: 'private key of chat-service', publicKey: 'C' },
  },
  authSecret: 'a',
};
const environment: ServiceEnvironment = {
  dataDir: '/data',
  addresses: { databaseUrl: 'postgres://postgres:p@db:1/chat', redisUrl: 'redis://r', kafkaBroker: 'k:1', schemaRegistryUrl: 'http://s' },
  ports: Object.fromEntries(Object.entries(SERVICE_PORTS).map(([name, { port, offset = 0 }]) => [name, port + offset])) as ServicePorts,
  secrets,
  topicPrefix: '',
  env: {},
};
const environmentFor = (name: ServiceName, user: NodeJS.ProcessEnv = {}) =>
  environmentOf(SERVICES.find((service) => service.name === name) ?? { name, port: 0, portVariable: '' }, environment, user);

it('gives a service its own ports and login role, and the addresses of the others', () => {
  expect(environmentFor('auth-service')).toMatchObject({
    PORT: '3001',
    METRICS_PORT: '9001',
    DATABASE_URL: 'postgres://auth_service:auth%20password@db:1/chat',
    NOTIFICATION_SERVICE_URL: 'http://127.0.0.1:3005',
    CHAT_SEND_ADDRESS: '127.0.0.1:8002',
  });
  expect(environmentFor('api-gateway')).not.toHaveProperty('DATABASE_URL');
});

it('runs the services in production if the user says so', () => {
  expect(environmentFor('chat-service').NODE_ENV).toBe('development');
  expect(environmentFor('chat-service', { NODE_ENV: 'production' }).NODE_ENV).toBe('production');
});

it('gives the secret of accounts to auth-service alone', () => {
  expect(SERVICES.filter(({ name }) => environmentFor(name).AUTH_SECRET).map(({ name }) => name)).toEqual(['auth-service']);
});

it('gives each service its own private key and no other one, and the public keys to all that receive requests', () => {
  for (const { name } of SERVICES) {
    const environment = environmentFor(name);
    expect(environment.INTERNAL_SIGNING_KEY).toBe(secrets.internalKeys[name]?.privateKey);
    expect(JSON.stringify(environment).match(/private key of/g) ?? []).toHaveLength(name in secrets.internalKeys ? 1 : 0);
    expect(environment.INTERNAL_PUBLIC_KEYS).toBe(name === 'api-gateway' ? undefined : 'api-gateway:G,chat-service:C');
  }
});

it('writes mails to the data directory, with links to the gateway, unless the user names others', () => {
  expect(environmentFor('auth-service')).toMatchObject({ MAIL_DIR: '/data/mail', WEB_APP_URL: 'http://localhost:3000' });
  const user = { MAIL_DIR: '/mails', WEB_APP_URL: 'https://chat.example', PUBLIC_URL: 'https://api.chat.example' };
  expect(environmentFor('auth-service', user)).toMatchObject(user);
});

it('keeps files in the data directory, with URLs of the gateway, unless the user names others', () => {
  const user = { FILES_DIR: '/files', PUBLIC_URL: 'https://api.chat.example' };
  for (const name of ['profile-service', 'chat-service'] as const) {
    expect(environmentFor(name)).toMatchObject({ FILES_DIR: '/data/files', PUBLIC_URL: 'http://localhost:3000' });
    expect(environmentFor(name, user)).toMatchObject(user);
  }
  expect(environmentFor('api-gateway')).toMatchObject({ PUBLIC_URL: 'http://localhost:3000' });
  expect(environmentFor('api-gateway', user)).toMatchObject({ PUBLIC_URL: user.PUBLIC_URL });
});

it('passes the variables of the user on, but no file that contradicts a variable of the system', () => {
  const user = {
    REDIS_URL_FILE: '/redis',
    REDIS_PASSWORD_FILE: '/redis-password',
    AUTH_SECRET_FILE: '/auth',
    DB_PASSWORD_FILE: '/db',
    INTERNAL_SIGNING_KEY_FILE: '/key',
    METRICS_TOKEN_FILE: '/token',
  };
  for (const { name } of SERVICES) {
    const files = Object.keys(processEnvironment(environmentFor(name), user)).filter((variable) => variable.endsWith('_FILE'));
    expect(files).toEqual(['REDIS_PASSWORD_FILE', 'METRICS_TOKEN_FILE']);
  }
});
