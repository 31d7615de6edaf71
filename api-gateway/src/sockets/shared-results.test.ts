import { type ExecutionArgs, type ExecutionResult, GraphQLError, parse } from 'graphql';
import { expect, it } from 'vitest';
import type { GraphqlContext } from '../graphql/graphql-context.js';
import { StreamItem } from '../streams/stream-item.js';
import { SharedResults } from './shared-results.js';

const document = parse('subscription ($after: String, $more: Boolean!) { events(after: $after) { cursor @include(if: $more) } }');
const item = (key: string) => new StreamItem({ events: { type: 'MessageCreated' } }, key, 'cursor', null);
const context = (isUserDependent = false) => ({ isUserDependent }) as GraphqlContext;
const operation = (results: SharedResults, variableValues = { more: true }) =>
  results.of({ document, variableValues } as unknown as ExecutionArgs);
const answer = (name: string): ExecutionResult => ({ data: { name } });

it('computes a result once for all sockets with the same selection', async () => {
  const results = new SharedResults();
  expect(operation(results).get(item('1'), () => answer('first'), context())).toEqual(answer('first'));
  expect(operation(results).get(item('1'), () => answer('second'), context())).toEqual(answer('first'));
  expect(operation(results).get(item('2'), () => answer('second'), context())).toEqual(answer('second'));
  // The arguments of the subscription do not change the result; variables in the selection do.
  expect(operation(results, { more: true, after: 'x' } as never).get(item('1'), () => answer('third'), context())).toEqual(answer('first'));
  expect(operation(results, { more: false }).get(item('1'), () => answer('third'), context())).toEqual(answer('third'));
});

it('shares a result that is still being computed', async () => {
  const { get } = operation(new SharedResults());
  const first = get(item('1'), () => Promise.resolve(answer('first')), context());
  const second = get(item('1'), () => answer('second'), context());
  expect([await first, await second]).toEqual([answer('first'), answer('first')]);
  expect(get(item('1'), () => answer('third'), context())).toEqual(answer('first'));
});

it('shares no result with errors, and none that depends on the user', async () => {
  const { get } = operation(new SharedResults());
  const failed = { errors: [new GraphQLError('unavailable')], data: null };
  expect(get(item('1'), () => failed, context())).toBe(failed);
  expect(get(item('1'), () => answer('second'), context())).toEqual(answer('second'));
  expect(get(item('2'), () => answer('ada'), context(true))).toEqual(answer('ada'));
  expect(get(item('2'), () => answer('ben'), context(true))).toEqual(answer('ben'));
  // The type of the event is known to depend on the user.
  expect(get(item('3'), () => answer('ada'), context())).toEqual(answer('ada'));
  expect(get(item('3'), () => answer('ben'), context())).toEqual(answer('ben'));
});

it('a computation that fails for one socket does not fail for the others', async () => {
  const { get } = operation(new SharedResults());
  const failing = get(item('1'), () => Promise.reject(new Error('failed')), context());
  const waiting = get(item('1'), () => answer('second'), context());
  await expect(failing).rejects.toThrow('failed');
  expect(await waiting).toEqual(answer('second'));
  expect(get(item('1'), () => answer('third'), context())).toEqual(answer('third'));
});
