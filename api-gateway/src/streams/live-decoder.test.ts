import { encodeLiveFeedEvent, type FeedEvent } from '@chat/shared/contracts';
import { silentLog } from '@chat/shared/observability';
import { expect, it } from 'vitest';
import { LiveDecoder } from './live-decoder.js';

const event = (offset: number) =>
  ({ epoch: 1, partition: 0, offset, type: 'MessageCreated', eventId: `event ${offset}`, conversationId: 'c', payload: {} }) as FeedEvent;

it('every socket gets the same object for an event, in whatever order the texts come', () => {
  const decoder = new LiveDecoder(silentLog);
  const [one, two] = [event(1), event(2)].map(encodeLiveFeedEvent) as [string, string];
  const first = decoder.decode(one);
  expect(first).toEqual(event(1));
  // Another string with the same characters, as the next channel delivers it.
  expect(decoder.decode(Buffer.from(one).toString())).toBe(first);
  expect(decoder.decode(two)).toEqual(event(2));
  expect(decoder.decode(one)).toBe(first);
});

it('a text that is no event is none for every socket, and the next event is decoded', () => {
  const decoder = new LiveDecoder(silentLog);
  for (const text of ['', 'no event', 'no event', '']) expect(decoder.decode(text)).toBeNull();
  expect(decoder.decode(encodeLiveFeedEvent(event(1)))).toEqual(event(1));
});
