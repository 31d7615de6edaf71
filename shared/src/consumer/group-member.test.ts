import { type Consumer, type Kafka, KafkaJSNonRetriableError, KafkaJSProtocolError } from 'kafkajs';
import { expect, it } from 'vitest';
import { eventually } from '../testing/index.js';
import { GroupMember, type GroupMemberParts } from './group-member.js';

/** A crash of kafkajs with this error, and what a member that has joined logs. */
async function linesAfter(error: Error): Promise<string[]> {
  const lines: string[] = [];
  const line = (level: string) => (_fields: object, message?: string) => lines.push(`${level} ${message}`);
  const stop = new AbortController();
  const listeners = new Map<string, (event: object) => void>();
  let joined = 0;
  const consumer = {
    events: { GROUP_JOIN: 'join', CRASH: 'crash' },
    on: (name: string, listener: (event: object) => void) => listeners.set(name, listener),
    connect: async () => {},
    subscribe: async () => {},
    disconnect: async () => {},
    run: async () => void (joined += 1),
  };
  const member = new GroupMember({
    kafka: { consumer: () => consumer as unknown as Consumer } as unknown as Kafka,
    group: 'group',
    assignment: { kafkaTopics: [], cancel: () => {} },
    concurrency: 1,
    log: { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') },
    stopped: stop.signal,
  } as unknown as GroupMemberParts);
  await member.join();
  listeners.get('crash')!({ payload: { error } });
  await eventually(() => joined === 2);
  stop.abort();
  await member.leave();
  return lines;
}

it('a crash that passes by itself, as while Kafka starts, is a warning; any other one an error; both are followed by a new consumer', async () => {
  const loading = Object.assign(new Error('The coordinator is loading'), { retriable: true, type: 'GROUP_LOAD_IN_PROGRESS', code: 14 });
  expect(await linesAfter(new KafkaJSProtocolError(loading))).toEqual(['warn Kafka is unavailable to the consumer, which connects again']);
  expect(await linesAfter(new KafkaJSNonRetriableError('wrong'))).toEqual(['error consumer crashed, creating a new one']);
});
