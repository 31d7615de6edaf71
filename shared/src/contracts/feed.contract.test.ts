import { expect, it } from 'vitest';
import { decodeLiveFeedEvent, encodeLiveFeedEvent, type FeedEvent, identityOf, identityOfEvent, liveTextOf } from './feed.contract.js';

// notification-service writes this text to Redis, api-gateway reads it.
const conversationId = '0190b0a0-0000-7000-8000-000000000001';
const eventId = '0190b0a0-0000-7000-8000-000000000002';
const event = {
  epoch: 3,
  partition: 11,
  offset: 42,
  type: 'MessageCreated',
  eventId,
  conversationId,
  payload: { conversationId, content: 'quotes ", a bar | and ","eventId":"x" 😀 \n' },
} as unknown as FeedEvent;

it('writes the position in front of one JSON text', () => {
  expect(encodeLiveFeedEvent({ ...event, payload: {} } as unknown as FeedEvent)).toBe(
    `3:11:42|{"type":"MessageCreated","eventId":"${eventId}","conversationId":"${conversationId}","payload":{}}`,
  );
});

it('decodes what it encodes, with the payload given as an object or as text', () => {
  const text = encodeLiveFeedEvent(event);
  expect(decodeLiveFeedEvent(text)).toEqual(event);
  expect(liveTextOf({ ...event, payload: JSON.stringify(event.payload) })).toBe(text);
});

it('gives the same identity for the text and for the event, and another one for another event id at the same position', () => {
  expect(identityOf(encodeLiveFeedEvent(event))).toBe(`3:11:42:${eventId}`);
  expect(identityOfEvent(event)).toBe(`3:11:42:${eventId}`);
  expect(identityOf(encodeLiveFeedEvent({ ...event, eventId: conversationId }))).not.toBe(identityOfEvent(event));
});

it.each(['', '{}', '1:2|{}', '1:2:x|{}', '1:2:3:4|{}', `{"type":"MessageCreated","eventId":"${eventId}"}`])(
  'rejects the text %o',
  (text) => {
    expect(() => decodeLiveFeedEvent(text)).toThrow('must start with epoch:partition:offset|');
  },
);

it.each(['', '1:2:3|', '1:2:3|{"type":"MessageCreated"}', `{"type":"MessageCreated","eventId":"${eventId}"}`])(
  'finds no identity in the text %o',
  (text) => {
    expect(() => identityOf(text)).toThrow('must have a position and an event id');
  },
);
