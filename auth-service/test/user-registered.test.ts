import type { EventPayloads } from '@chat/shared/events';
import { AvroCodec } from '@chat/shared/kafka';
import { eventually, provisionTestKafka, randomEmail, randomUsername, type TestKafka } from '@chat/shared/testing';
import { type Consumer, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newAccount, TestAuthService } from './kit/auth-service.js';

interface Heard {
  key: string;
  type: string;
  eventId: string;
  correlationId: string;
  payload: EventPayloads['UserRegistered'];
}

let service: TestAuthService;
let kafka: TestKafka;
let consumer: Consumer;
const heard: Heard[] = [];

beforeAll(async () => {
  kafka = await provisionTestKafka();
  service = await TestAuthService.start({ KAFKA_TOPIC_PREFIX: kafka.config.topicPrefix });
  const codec = new AvroCodec(kafka.config);
  const { brokers, topicPrefix } = kafka.config;
  consumer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).consumer({ groupId: `${topicPrefix}listener`, maxWaitTimeInMs: 250 });
  await consumer.connect();
  await consumer.subscribe({ topic: `${topicPrefix}auth.user`, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message: { key, value, headers } }) => {
      const { type, payload } = await codec.decode(value!);
      const header = (name: string) => String(headers?.[name]);
      heard.push({
        key: String(key),
        type,
        eventId: header('event-id'),
        correlationId: header('correlation-id'),
        payload: payload as EventPayloads['UserRegistered'],
      });
    },
  });
});
afterAll(async () => {
  await consumer?.disconnect();
  await service?.stop();
  await kafka?.drop();
});

const heardOf = (userId: string) => heard.filter(({ key }) => key === userId);

// chat-service and profile-service create their own rows from this event.
it('UserRegistered contains what other services need, and the context of the request', async () => {
  const account = newAccount({ username: `Ada-${randomUsername().slice(0, 8)}`, firstName: 'Ada' });
  const { body } = await service.post('/auth/register', account, undefined, { 'x-correlation-id': 'registration-of-ada' });
  const { userId } = body.user;
  await eventually(() => heardOf(userId).length > 0);
  expect(heardOf(userId)).toEqual([
    {
      key: userId,
      type: 'UserRegistered',
      eventId: expect.stringMatching(/^[\da-f-]{36}$/),
      correlationId: 'registration-of-ada',
      payload: { userId, username: account.username, firstName: 'Ada', lastName: null, registeredAt: expect.any(String) },
    },
  ]);
  const summary = await service.summaryOf(userId);
  expect(heardOf(userId)[0]!.payload).toEqual(summary.body);
});

it('UserRegistered is published once per account, and never for a refused registration', async () => {
  const email = randomEmail();
  const answers = await Promise.all([
    ...Array.from({ length: 12 }, () => service.post('/auth/register', newAccount({ email }))),
    ...Array.from({ length: 8 }, () => service.post('/auth/register', newAccount())),
  ]);
  const registered = answers.filter(({ status }) => status === 201).map(({ body }) => body.user.userId as string);
  expect(registered).toHaveLength(9);
  await eventually(() => registered.every((userId) => heardOf(userId).length > 0));
  await eventually(async () => (await service.database.query('select 1 from outbox')).rowCount === 0);
  const { rows } = await service.database.query<{ id: string }>('select id from accounts');
  expect(heard.map(({ key }) => key).sort()).toEqual(rows.map(({ id }) => id).sort());
  expect(new Set(heard.map(({ eventId }) => eventId)).size).toBe(heard.length);
});
