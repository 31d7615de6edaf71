import { register } from 'prom-client';
import { expect, it } from 'vitest';
import type { AvroCodec } from '../kafka/avro-codec.js';
import { RecordProcessor } from './record-processor.js';

it('an event of a type that this build does not know is skipped and counted', async () => {
  const handled: unknown[] = [];
  const codec = { hasSchemaOf: () => true, typeOf: () => null } as unknown as AvroCodec;
  const options = { group: 'unknown-events', codec, wants: () => true, onMoved: () => undefined };
  const processor = new RecordProcessor({ ...options, handle: async ({ records }) => void handled.push(...records) });
  const state = { topic: 'chat.user', partition: 0, epoch: 1, nextOffset: 5, storedOffset: 5, storedAt: performance.now(), active: true };
  const messages = [{ key: null, offset: '5', timestamp: '0', attributes: 0, headers: {}, value: Buffer.from('new') }];
  await processor.process([{ state, messages } as never]);
  expect(handled).toEqual([]);
  expect(state.nextOffset).toBe(6);
  const { values } = await register.getSingleMetric('consumer_unknown_events_total')!.get();
  expect(values.find(({ labels }) => labels['group'] === options.group)?.value).toBe(1);
});
