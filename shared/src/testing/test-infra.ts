import { randomBytes } from 'node:crypto';
import { Env, KafkaConfig, loadConfig, RedisConfig } from '../config/index.js';

class TestInfraConfig {
  @Env({ name: 'TEST_PG_URL', type: 'secret', description: 'PostgreSQL with an administrator, for tests' })
  postgresUrl: string;

  @Env({ name: 'TEST_REDIS_URL', type: 'secret', description: 'Redis for tests' })
  redisUrl: string;

  @Env({ name: 'TEST_KAFKA_BROKER', type: 'list', description: 'Kafka brokers for tests' })
  kafkaBrokers: string[];

  @Env({ name: 'TEST_SCHEMA_REGISTRY_URL', type: 'url', description: 'Schema Registry for tests' })
  schemaRegistryUrl: string;
}

/** The addresses of the infrastructure of this test run, which `npm test` starts. Throws a ConfigError that names a missing variable. */
export function testInfra(): TestInfraConfig {
  return loadConfig(TestInfraConfig);
}

/** The Redis of this test run. */
export function testRedisConfig(): RedisConfig {
  return RedisConfig.fromUrl(testInfra().redisUrl);
}

/** The Kafka of this test run, with a random prefix for topics and groups. */
export function testKafkaConfig(): KafkaConfig {
  const { kafkaBrokers, schemaRegistryUrl } = testInfra();
  const topicPrefix = `t${randomBytes(5).toString('hex')}.`;
  return Object.assign(new KafkaConfig(), { brokers: kafkaBrokers, schemaRegistryUrl, topicPrefix });
}
