import type { FeedEvent } from '@chat/shared/contracts';
import { type ExecutionArgs, parse } from 'graphql';
import { expect, it } from 'vitest';
import { type MissingUrl, urlPlaceholder } from '../files/file-url-placeholders.js';
import { CURSOR_PLACEHOLDER, StreamItem } from '../streams/stream-item.js';
import { EventText } from './event-text.js';
import { type ResolvedItem, SharedResults } from './shared-results.js';

const document = parse('subscription ($after: String, $more: Boolean!) { events(after: $after) { cursor @include(if: $more) } }');
const operation = (results: SharedResults, variableValues = { more: true }) =>
  results.of({ document, variableValues } as unknown as ExecutionArgs);

const event = (offset: number) =>
  ({ epoch: 1, partition: 0, offset, type: 'MessageCreated', eventId: `event ${offset}`, conversationId: 'c', payload: {} }) as FeedEvent;
const item = (shared: FeedEvent | null) => new StreamItem({ kind: 'events.MessageCreated', root: () => ({}), shared, cursor: 'cursor' });
const [one, two, three] = [1, 2, 3].map((offset) => item(event(offset))) as [StreamItem, StreamItem, StreamItem];

const noUrl = () => '';
const answer = (name: string): ResolvedItem => ({
  text: new EventText({ data: { name } }),
  isUserDependent: false,
  isMemberDependent: false,
  isShareable: true,
});
const userDependent = (name: string): ResolvedItem => ({ ...answer(name), isUserDependent: true, isShareable: false });
const textOf = async (text: EventText | Promise<EventText>): Promise<string> => JSON.parse((await text).with(null, noUrl)).data.name;

it('computes a result once for all sockets with the same selection', async () => {
  const results = new SharedResults();
  const get = (of: StreamItem, name: string, variables = { more: true }) =>
    textOf(operation(results, variables).get(of, () => answer(name)));
  expect(await get(one, 'first')).toBe('first');
  expect(await get(one, 'second')).toBe('first');
  expect(await get(two, 'second')).toBe('second');
  // In any order, and for an event that was parsed twice.
  expect(await get(one, 'third')).toBe('first');
  expect(await get(item(event(2)), 'third')).toBe('second');
  // The arguments of the subscription do not change the result; variables in the selection do.
  expect(await get(one, 'third', { more: true, after: 'x' } as never)).toBe('first');
  expect(await get(one, 'third', { more: false })).toBe('third');
  expect(await get(one, 'fourth')).toBe('first');
});

it('shares a result that is still being computed', async () => {
  const { get } = operation(new SharedResults());
  const first = get(one, () => Promise.resolve(answer('first')));
  const second = get(one, () => answer('second'));
  expect([await textOf(first), await textOf(second)]).toEqual(['first', 'first']);
  expect(await textOf(get(one, () => answer('third')))).toBe('first');
});

it('shares no result with errors, none of a replayed event, and none that depends on the user', async () => {
  const { get } = operation(new SharedResults());
  expect(await textOf(get(one, () => ({ ...answer('with errors'), isShareable: false })))).toBe('with errors');
  expect(await textOf(get(one, () => answer('second')))).toBe('second');
  expect(await textOf(get(item(null), () => answer('ada')))).toBe('ada');
  expect(await textOf(get(item(null), () => answer('ben')))).toBe('ben');
  expect(await textOf(get(two, () => userDependent('ada')))).toBe('ada');
  expect(await textOf(get(two, () => userDependent('ben')))).toBe('ben');
  // This kind of item is known to depend on the user.
  expect(await textOf(get(three, () => answer('ada')))).toBe('ada');
  expect(await textOf(get(three, () => answer('ben')))).toBe('ben');
});

it('a computation that fails for one socket does not fail for the others', async () => {
  const { get } = operation(new SharedResults());
  const failing = get(one, () => Promise.reject(new Error('failed')));
  const waiting = get(one, () => answer('second'));
  await expect(failing).rejects.toThrow('failed');
  expect(await textOf(waiting)).toBe('second');
  expect(await textOf(get(one, () => answer('third')))).toBe('third');
});

it('each socket gets its own cursor, wherever the selection has it, and no text is taken for it', () => {
  const content = `${JSON.stringify(CURSOR_PLACEHOLDER.slice(1))} "cursor" \\u0000`;
  const text = new EventText({ data: { events: { a: CURSOR_PLACEHOLDER, message: { content }, cursor: CURSOR_PLACEHOLDER } } });
  for (const cursor of ['AQ', 'AQID-_'])
    expect(JSON.parse(text.with(cursor, noUrl))).toEqual({ data: { events: { a: cursor, message: { content }, cursor } } });
  expect(new EventText({ data: { events: { content } } }).with('AQ', noUrl)).toBe(JSON.stringify({ data: { events: { content } } }));
});

it('each socket gets its own URLs of files, and no text is taken for them', () => {
  const [fileId, other] = ['0199a7a2-0000-7000-8000-000000000001', '0199a7a2-0000-7000-8000-000000000002'];
  const [url, thumbnailUrl] = [
    { fileId, variant: 'original' },
    { fileId: other, variant: 'medium' },
  ];
  const content = urlPlaceholder(url).slice(1);
  const files = [
    { url: urlPlaceholder(url), thumbnailUrl: urlPlaceholder(thumbnailUrl) },
    { url: urlPlaceholder(url), thumbnailUrl: null },
  ];
  const text = new EventText({ data: { events: { cursor: CURSOR_PLACEHOLDER, content, files, last: CURSOR_PLACEHOLDER } } });
  for (const user of ['ada', 'ben']) {
    const urlOf = (missing: MissingUrl) => `https://x/${missing.fileId}/${missing.variant}?user=${user}`;
    const own = [
      { url: urlOf(url), thumbnailUrl: urlOf(thumbnailUrl) },
      { url: urlOf(url), thumbnailUrl: null },
    ];
    expect(JSON.parse(text.with('AQ', urlOf))).toEqual({ data: { events: { cursor: 'AQ', content, files: own, last: 'AQ' } } });
  }
});

it('keeps few results if they are long', async () => {
  const { get } = operation(new SharedResults());
  const long = 'x'.repeat(3_000_000);
  for (let n = 1; n <= 10; n++) await get(item(event(n)), () => answer(long));
  const computed = Array.from({ length: 10 }, (_, n) => {
    let isComputed = false;
    void get(item(event(n + 1)), () => ((isComputed = true), answer(long)));
    return isComputed;
  });
  expect(computed.filter(Boolean).length).toBeGreaterThanOrEqual(5);
});
