import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RunningService } from '@chat/shared/bootstrap';
import { loadConfig } from '@chat/shared/config';
import type { AuthTokens, RegisterRequest } from '@chat/shared/contracts';
import { migrateUnderLock } from '@chat/shared/database';
import {
  createTestDatabase,
  internalKeysEnv,
  internalTokensOf,
  randomEmail,
  randomUsername,
  testInfra,
  testKafkaConfig,
} from '@chat/shared/testing';
import { Pool } from 'pg';
import { AuthConfig } from '../../src/config.js';
import { createAuthDataSource } from '../../src/data-source.js';
import { startAuthService } from '../../src/start.js';

/** The rate limits of requests. The tests share one address, so they have no limits unless they set them. */
export const REQUEST_LIMITS = ['REGISTER', 'LOGIN', 'PASSWORD_RESET', 'PASSWORD_CHANGE', 'CODES', 'EMAIL_VERIFICATION'];

/** A response with its body. */
export interface Answer<T = any> {
  status: number;
  contentType: string;
  headers: Headers;
  body: T;
}

/** The real service with its own database and topics. */
export class TestAuthService {
  private constructor(
    readonly config: AuthConfig,
    /** A connection to the schema of the service, as administrator. */
    readonly database: Pool,
    private readonly running: RunningService,
    private readonly dropDatabase: () => Promise<void>,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<TestAuthService> {
    const { redisUrl } = testInfra();
    const database = await createTestDatabase({
      schema: 'auth',
      role: 'auth_service',
      migrate: (config) => migrateUnderLock(createAuthDataSource(config)),
    });
    const kafka = testKafkaConfig();
    const config = loadConfig(AuthConfig, {
      NODE_ENV: 'test',
      LOG_LEVEL: 'silent',
      PORT: String(await freePort()),
      METRICS_PORT: '0',
      ...internalKeysEnv('auth-service'),
      AUTH_SECRET: 'auth secret of this test, which is long enough',
      DATABASE_URL: database.config.url,
      REDIS_URL: redisUrl,
      KAFKA_BROKER: kafka.brokers.join(','),
      SCHEMA_REGISTRY_URL: kafka.schemaRegistryUrl,
      KAFKA_TOPIC_PREFIX: kafka.topicPrefix,
      WEB_APP_URL: 'http://localhost:8080',
      // An address may use half of the queue.
      PASSWORD_QUEUE_LENGTH: '64',
      RATE_LIMIT_SCALE: '1',
      RATE_LIMIT_USERS_PER_ADDRESS: '1000000',
      ...Object.fromEntries(REQUEST_LIMITS.map((name) => [`RATE_LIMIT_${name}`, '1000000/60'])),
      MAIL_DIR: await mkdtemp(path.join(tmpdir(), 'chat-mail-')),
      ...env,
    });
    if (!env['BCRYPT_COST']) config.bcryptCost = 4; // a hash takes 1/64 of the time of the least cost that the configuration allows
    const running = await startAuthService(config);
    const admin = new Pool({ connectionString: database.adminUrl, max: 2, options: '-c search_path=auth' });
    // A connection that is still closing when the database is dropped emits an error.
    admin.on('error', () => undefined);
    return new TestAuthService(config, admin, running, () => database.drop());
  }

  async stop(): Promise<void> {
    await this.running.stop();
    await this.database.end();
    await this.dropDatabase();
    await rm(this.config.mail.dir, { recursive: true, force: true });
  }

  get app(): RunningService['app'] {
    return this.running.app;
  }

  get url(): string {
    return this.running.url;
  }

  /** Opens all connections of the service to its database, so that concurrent requests really run in parallel. */
  async warmUp(): Promise<void> {
    await Promise.all(Array.from({ length: 50 }, () => this.get('/health/ready')));
  }

  get<T = any>(path: string, token?: string): Promise<Answer<T>> {
    return this.#request('GET', path, undefined, token);
  }

  post<T = any>(path: string, body?: unknown, token?: string, headers: Record<string, string> = {}): Promise<Answer<T>> {
    return this.#request('POST', path, body, token, headers);
  }

  delete<T = any>(path: string, token?: string): Promise<Answer<T>> {
    return this.#request('DELETE', path, undefined, token);
  }

  /** Registers a new user. */
  async register(details: Partial<RegisterRequest> = {}): Promise<AuthTokens & { password: string }> {
    const account = newAccount(details);
    const { status, body } = await this.post<AuthTokens>('/auth/register', account);
    if (status !== 201) throw new Error(`registering answered ${status}: ${JSON.stringify(body)}`);
    return { ...body, password: account.password };
  }

  /** The names of an account, which only other services may read. */
  summaryOf(userId: string): Promise<Answer> {
    const token = internalTokensOf('profile-service').issue('auth-service', { userId, sessionId: randomUUID() });
    return this.get(`/auth/users/${userId}`, token);
  }

  refresh(refreshToken: string): Promise<Answer> {
    return this.post('/auth/refresh', { refreshToken });
  }

  async #request(method: string, path: string, body?: unknown, token?: string, more: Record<string, string> = {}): Promise<Answer> {
    const headers: Record<string, string> = { ...more };
    if (body !== undefined) headers['content-type'] ??= 'application/json';
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
    const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
    const answer = await fetch(this.url + path, { method, headers, ...(text === undefined ? {} : { body: text }) });
    const read = await answer.text();
    return {
      status: answer.status,
      contentType: answer.headers.get('content-type') ?? '',
      headers: answer.headers,
      body: read === '' ? undefined : JSON.parse(read),
    };
  }
}

/** Registration data of a new user. */
export function newAccount(details: Partial<RegisterRequest> = {}): RegisterRequest {
  return { email: randomEmail(), username: randomUsername(), password: 'correct horse battery', ...details };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
