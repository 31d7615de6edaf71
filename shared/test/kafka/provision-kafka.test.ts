import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigResourceTypes } from 'kafkajs';
import { EVENT_SCHEMAS, EVENT_TOPICS } from '../../src/events/index.js';
import { provisionKafka, SchemaRegistry } from '../../src/kafka/index.js';
import { createKafka } from '../../src/kafka/kafka-client.js';
import { provisionTestKafka, testKafkaConfig, type TestKafka } from '../../src/testing/index.js';
import { log } from '../kit/log.js';

let kafka: TestKafka;
beforeAll(async () => {
  const config = testKafkaConfig();
  // Several services may migrate at the same time, and again with every release.
  await Promise.all([provisionKafka(config), provisionKafka(config), provisionKafka(config)]);
  kafka = await provisionTestKafka(config);
});
afterAll(() => kafka.drop());

async function topicSettings(topic: string): Promise<Record<string, string>> {
  const admin = createKafka(kafka.config, 'test', log).admin();
  await admin.connect();
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: kafka.config.topicPrefix + topic }],
  });
  const { topics } = await admin.fetchTopicMetadata({ topics: [kafka.config.topicPrefix + topic] });
  await admin.disconnect();
  const entries = resources[0]!.configEntries.map(({ configName, configValue }) => [configName, configValue]);
  return { ...(Object.fromEntries(entries) as Record<string, string>), partitions: String(topics[0]!.partitions.length) };
}

describe('the migrate step', () => {
  it('creates every topic as the catalogue describes it; a single replica is flushed to the disk', async () => {
    expect(await topicSettings('auth.user')).toMatchObject({
      partitions: '4',
      'retention.ms': '-1',
      'cleanup.policy': 'delete',
      'flush.messages': '1',
    });
    expect(await topicSettings('chat.conversation')).toMatchObject({ partitions: '4', 'retention.ms': String(30 * 24 * 3_600_000) });
    expect(await topicSettings('chat.membership')).toMatchObject({ partitions: '4', 'retention.ms': '-1', 'cleanup.policy': 'delete' });
    expect(await topicSettings('profile.profile')).toMatchObject({ 'cleanup.policy': 'compact' });
    expect(await topicSettings('notification.dead-letter')).toMatchObject({
      partitions: '1',
      'cleanup.policy': 'compact',
      'retention.ms': '-1',
    });
  });

  it('registers the schema of an event with several topics under a subject for each, with one id', async () => {
    const registry = new SchemaRegistry(kafka.config);
    const ids = EVENT_TOPICS.ConversationCreated.map(async (topic) => {
      const subject = registry.subjectOf('ConversationCreated', topic);
      const answer = await fetch(`${kafka.config.schemaRegistryUrl}/subjects/${subject}/versions/latest`);
      return ((await answer.json()) as { id?: number }).id;
    });
    const id = await registry.idOf('ConversationCreated');
    expect(await Promise.all(ids)).toEqual([id, id]);
  });

  it('registers schemas so that only a version that is compatible with all others can follow', async () => {
    const subject = new SchemaRegistry(kafka.config).subjectOf('UserRegistered');
    const answer = await fetch(`${kafka.config.schemaRegistryUrl}/config/${subject}`);
    expect(await answer.json()).toEqual({ compatibilityLevel: 'FULL_TRANSITIVE' });

    const change = async (fields: object[]) => {
      const schema = { ...EVENT_SCHEMAS.UserRegistered, fields };
      const response = await fetch(`${kafka.config.schemaRegistryUrl}/subjects/${subject}/versions`, {
        method: 'POST',
        headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
        body: JSON.stringify({ schema: JSON.stringify(schema) }),
      });
      return response.status;
    };
    const { fields } = EVENT_SCHEMAS.UserRegistered as { fields: { name: string; type: unknown }[] };
    expect(await change([...fields, { name: 'locale', type: 'string' }])).toBe(409);
    expect(await change(fields.filter((field) => field.name !== 'username'))).toBe(409);
    expect(await change([...fields, { name: 'locale', type: 'string', default: 'en' }])).toBe(200);
  });
});
