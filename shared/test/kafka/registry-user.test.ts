import { KafkaConfig, loadConfig } from '../../src/config/index.js';
import { provisionKafka, SchemaRegistry } from '../../src/kafka/index.js';
import { provisionTestKafka, testKafkaConfig } from '../../src/testing/index.js';
import { expect, it, onTestFinished } from 'vitest';
import { RegistryProxy } from '../kit/registry-proxy.js';

it('signs in to a registry with a user and a password', async () => {
  const kafka = await provisionTestKafka();
  onTestFinished(() => kafka.drop());
  const proxy = await RegistryProxy.start(kafka.config.schemaRegistryUrl);
  onTestFinished(() => proxy.close());
  proxy.authorization = `Basic ${Buffer.from('chat:p@ss:word').toString('base64')}`;
  const settings = { ...kafka.config, schemaRegistryUrl: proxy.url };
  await expect(new SchemaRegistry(settings).idOf('UserRegistered')).rejects.toMatchObject({ kind: 'unavailable' });

  const withUser = { ...settings, schemaRegistryUsername: 'chat', schemaRegistryPassword: 'p@ss:word' };
  expect(await new SchemaRegistry(withUser).idOf('UserRegistered')).toBeGreaterThan(0);
  // New subjects, whose compatibility is set.
  await provisionKafka({ ...withUser, topicPrefix: testKafkaConfig().topicPrefix });
});

it('refuses a user without a password', () => {
  expect(() => loadConfig(KafkaConfig, { SCHEMA_REGISTRY_USERNAME: 'chat' })).toThrow(/SCHEMA_REGISTRY_PASSWORD must be set together/);
});
