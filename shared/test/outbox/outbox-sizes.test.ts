import { ConfigResourceTypes } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { register } from 'prom-client';
import { createKafka } from '../../src/kafka/kafka-client.js';
import { SingleFlightProducer } from '../../src/kafka/single-flight-producer.js';
import { eventually } from '../../src/testing/index.js';
import { World } from '../kit/event-world.js';
import { allOf, conversation, oneTo, seqsByKey } from '../kit/messages.js';
import { log } from '../kit/log.js';

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await world.end();
});

const sends = () => vi.spyOn(SingleFlightProducer.prototype, 'send');
const ofSize = (bytes: number) => 'x'.repeat(bytes);

async function setMaxMessageBytes(bytes: number): Promise<void> {
  const admin = createKafka(world.config, 'test', log).admin();
  await admin.connect();
  await admin.alterConfigs({
    validateOnly: false,
    resources: [
      { type: ConfigResourceTypes.TOPIC, name: world.topic, configEntries: [{ name: 'max.message.bytes', value: String(bytes) }] },
    ],
  });
  await admin.disconnect();
}

describe('the outbox relay', () => {
  it('sends a backlog of the longest messages, in characters of four bytes, in few batches that Kafka accepts', async () => {
    const messages = conversation(300).map((message) => ({ ...message, content: '😀'.repeat(8000) }));
    await world.publish(...messages);
    const sending = sends();
    world.relay();
    world.consumer();
    expect(await world.arrived([messages])).toEqual(allOf([messages]));
    await eventually(async () => expect(await world.outboxSize()).toBe(0));
    // 9.6 MB.
    expect(sending.mock.calls.length).toBeLessThan(20);
    await expect(Promise.all(sending.mock.results.map(({ value }) => value as Promise<void>))).resolves.toBeDefined();
  });

  it('halves batches that exceed the limit of the topic, and blocks only the conversation of an event that exceeds it alone', async () => {
    await setMaxMessageBytes(20_000);
    const [long, tooLong, short] = [conversation(40), conversation(2), conversation(40)];
    await world.publish(...long.map((message) => ({ ...message, content: ofSize(8000) })));
    await world.publish({ ...tooLong[0]!, content: ofSize(30_000) }, tooLong[1]!, ...short);
    const sending = sends();
    world.relay();
    world.consumer();
    expect(await world.arrived([long, short])).toEqual(allOf([long, short]));
    expect(sending.mock.calls.length).toBeLessThan(80);
    await eventually(async () => {
      const { values } = await register.getSingleMetric('outbox_blocked_keys')!.get();
      expect(values.map(({ value }) => value)).toContain(1);
    });
    await eventually(async () => expect(await world.outboxSize()).toBe(2));

    await setMaxMessageBytes(1_048_588);
    await eventually(async () => expect(seqsByKey(await world.effects()).get(tooLong[0]!.conversationId)).toEqual(oneTo(2)));
  });
});
