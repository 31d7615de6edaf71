import { describe, expect, it } from 'vitest';
import {
  CommonConfig,
  ConfigError,
  DatabaseConfig,
  describeConfig,
  Env,
  KafkaConfig,
  loadConfig,
  type RateLimit,
  RedisConfig,
  Section,
} from './index.js';

class SampleConfig extends CommonConfig {
  @Env({ name: 'PORT', type: 'int', default: 3002, min: 0, max: 65_535, description: 'Port' })
  port: number;

  @Env({ name: 'TOKEN_LIFE', type: 'durationSeconds', default: 900, min: 60, description: 'Life' })
  tokenLifeSeconds: number;

  @Env({ name: 'RATE_LIMIT_THINGS', type: 'rateLimit', default: '10/60', description: 'Things' })
  things: RateLimit;

  @Env({ name: 'STRICT', type: 'boolean', default: false, description: 'Strict' })
  strict: boolean;

  @Env({ name: 'SAMPLE_SECRET', type: 'secret', min: 32, description: 'Secret' })
  secret: string;

  @Section(DatabaseConfig)
  database: DatabaseConfig;

  @Section(RedisConfig)
  redis: RedisConfig;

  @Section(KafkaConfig)
  kafka: KafkaConfig;
}

const good = { SAMPLE_SECRET: 's'.repeat(32), DB_USERNAME: 'chat_service', DB_PASSWORD: 'pw' };
const problemsOf = (env: NodeJS.ProcessEnv): string[] => {
  try {
    loadConfig(SampleConfig, env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems;
  }
};

describe('loadConfig', () => {
  it('has defaults for a laptop, and treats an empty variable as not set', () => {
    const config = loadConfig(SampleConfig, { ...good, PORT: ' ', METRICS_PORT: '' });
    expect(config).toBeInstanceOf(SampleConfig);
    expect(config).toMatchObject({ port: 3002, host: '127.0.0.1', logLevel: 'info', tokenLifeSeconds: 900, strict: false });
    expect(config.metrics.port).toBeUndefined();
    expect(config.redis.url).toBe('redis://127.0.0.1:6379');
    expect(config.kafka).toMatchObject({ brokers: ['127.0.0.1:9092'], topicPrefix: '' });
    expect(config.database).toMatchObject({ host: '127.0.0.1', port: 5432, username: 'chat_service', name: 'chat', poolSize: 8 });
  });

  it('reads every type', () => {
    const config = loadConfig(SampleConfig, {
      ...good,
      PORT: '0',
      STRICT: '1',
      TOKEN_LIFE: '15m',
      KAFKA_BROKER: 'a:1, b:2,',
      AUTH_SERVICE_URL: 'http://auth:3001/',
      REDIS_URL: 'rediss://u:p@redis:6380',
    });
    expect(config).toMatchObject({ port: 0, strict: true, tokenLifeSeconds: 900, authServiceUrl: 'http://auth:3001' });
    expect(config.kafka.brokers).toEqual(['a:1', 'b:2']);
    expect(config.redis.url).toBe('rediss://u:p@redis:6380');
    expect(loadConfig(SampleConfig, { ...good, TOKEN_LIFE: '30d' }).tokenLifeSeconds).toBe(2_592_000);
  });

  it('reads a rate limit, its default too', () => {
    expect(loadConfig(SampleConfig, good).things).toEqual({ points: 10, seconds: 60 });
    expect(loadConfig(SampleConfig, { ...good, RATE_LIMIT_THINGS: '300/15m' }).things).toEqual({ points: 300, seconds: 900 });
    for (const wrong of ['10', '0/60', '10/0', '10/60/5', '1.5/60', '-1/60'])
      expect(problemsOf({ ...good, RATE_LIMIT_THINGS: wrong })).toEqual([expect.stringMatching(/^RATE_LIMIT_THINGS must be/)]);
  });

  it('names all problems at once', () => {
    const problems = problemsOf({
      NODE_ENV: 'prod',
      PORT: '99999',
      METRICS_PORT: '1e3',
      STRICT: 'yes',
      TOKEN_LIFE: '5',
      AUTH_SERVICE_URL: 'auth',
      SAMPLE_SECRET: 'short-and-secret',
      DB_PORT: '-1',
    });
    const names = ['NODE_ENV', 'PORT', 'METRICS_PORT', 'STRICT', 'TOKEN_LIFE', 'AUTH_SERVICE_URL', 'SAMPLE_SECRET', 'DB_PORT'];
    expect(problems.map((problem) => problem.split(' ')[0]).sort()).toEqual(names.sort());
    expect(problems.join()).not.toContain('short-and-secret');
  });

  it('names a missing variable', () => {
    expect(problemsOf({})).toEqual([expect.stringMatching(/^SAMPLE_SECRET is not set/), expect.stringMatching(/^DB_USERNAME is not set/)]);
  });

  it('reads Sentinels or nodes of a Redis Cluster, and not both', () => {
    expect(loadConfig(SampleConfig, { ...good, REDIS_CLUSTER_NODES: 'a:6379,[::1]:6380' }).redis.clusterNodes).toEqual([
      'a:6379',
      '[::1]:6380',
    ]);
    expect(problemsOf({ ...good, REDIS_CLUSTER_NODES: 'a:6379,b', REDIS_SENTINELS: 'c' })).toEqual([
      'REDIS_SENTINELS must be a list of host:port, not "c"',
      'REDIS_CLUSTER_NODES must be a list of host:port, not "b"',
      'REDIS_CLUSTER_NODES and REDIS_SENTINELS exclude each other',
    ]);
    expect(problemsOf({ ...good, REDIS_CLUSTER_NODES: 'a:6379', REDIS_URL: 'redis://h/2' })).toEqual([
      expect.stringMatching(/^REDIS_URL must not name a database/),
    ]);
  });

  it('reads DATABASE_URL instead of the DB_ variables', () => {
    const { database } = loadConfig(SampleConfig, {
      ...good,
      DATABASE_URL: 'postgresql://us%40er:p%23w@db.host/chat%20db?sslmode=require',
    });
    expect(database).toMatchObject({ host: 'db.host', port: 5432, username: 'us@er', password: 'p#w', name: 'chat db', ssl: true });
    expect(DatabaseConfig.fromUrl('postgres://u:p@[::1]:5433/x')).toMatchObject({ host: '::1', port: 5433, ssl: false });
    expect(DatabaseConfig.fromUrl('postgres://u:p@h/x?sslmode=verify-full').ssl).toBe(true);
    expect(problemsOf({ ...good, DATABASE_URL: 'mysql://u:p@h/x' })).toEqual([expect.stringMatching(/^DATABASE_URL must/)]);
  });
});

describe('describeConfig', () => {
  it('lists every variable once, sections included', () => {
    const variables = describeConfig(SampleConfig);
    const names = variables.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(['NODE_ENV', 'PORT', 'DATABASE_URL', 'REDIS_HOST', 'KAFKA_BROKER', 'SAMPLE_SECRET']));
    expect(variables.find(({ name }) => name === 'SAMPLE_SECRET')).toMatchObject({
      required: true,
      secret: true,
      default: undefined,
    });
    expect(variables.find(({ name }) => name === 'KAFKA_BROKER')).toMatchObject({ required: false, default: '127.0.0.1:9092' });
    expect(variables.every(({ description }) => description.length > 0)).toBe(true);
  });
});
