import { afterAll, beforeAll, expect, it } from 'vitest';
import { EVENT_SCHEMAS } from '../../src/events/index.js';
import { provisionKafka, SchemaRegistry } from '../../src/kafka/index.js';
import { testKafkaConfig, type TestKafka, provisionTestKafka } from '../../src/testing/index.js';

const config = testKafkaConfig();
let kafka: TestKafka | undefined;
beforeAll(async () => {
  // What a migrate step leaves that ends between the schema and its compatibility.
  const subject = new SchemaRegistry(config).subjectOf('UserRegistered');
  const response = await fetch(`${config.schemaRegistryUrl}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: JSON.stringify(EVENT_SCHEMAS.UserRegistered) }),
  });
  if (!response.ok) throw new Error(`the registry answered ${response.status}`);
});
afterAll(() => kafka?.drop());

it('completes what an interrupted migrate step has begun', async () => {
  await provisionKafka(config);
  kafka = await provisionTestKafka(config);
  const subject = new SchemaRegistry(config).subjectOf('UserRegistered');
  const answer = await fetch(`${config.schemaRegistryUrl}/config/${subject}`);
  expect(await answer.json()).toEqual({ compatibilityLevel: 'FULL_TRANSITIVE' });
});
