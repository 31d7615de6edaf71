import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import './request-queue-timer.js';

interface Queue {
  push(request: { entry: { correlationId: number }; expectResponse: boolean; sendRequest: () => void }): void;
  fulfillRequest(response: { correlationId: number; payload: null; size: number }): void;
  maybeThrottle(ms: number): void;
  scheduleRequestTimeoutCheck(): void;
  destroy(): void;
}

const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as new (options: object) => Queue;
const logger = { debug: () => undefined, warn: () => undefined };

/** A queue that records which requests it sent. */
function queueOf(maxInFlightRequests: number, enforceRequestTimeout = false) {
  const queue = new RequestQueue({
    maxInFlightRequests,
    requestTimeout: 3000,
    enforceRequestTimeout,
    isConnected: () => true,
    clientId: 'c',
    broker: 'b',
    logger,
  });
  const sent: number[] = [];
  const rejected: number[] = [];
  const push = (correlationId: number) => {
    const entry = { correlationId, resolve: () => undefined, reject: () => rejected.push(correlationId) };
    queue.push({ entry, expectResponse: true, sendRequest: () => sent.push(correlationId) });
  };
  const answer = (correlationId: number) => queue.fulfillRequest({ correlationId, payload: null, size: 0 });
  return { queue, sent, rejected, push, answer };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('arms no timer when no request waits', () => {
  const { push, answer, sent } = queueOf(1);
  push(1);
  answer(1);
  expect(sent).toEqual([1]);
  expect(vi.getTimerCount()).toBe(0);
});

it('sends a request that waits as soon as another one is answered', () => {
  const { push, answer, sent } = queueOf(1);
  push(1);
  push(2);
  expect(sent).toEqual([1]);
  answer(1);
  expect(sent).toEqual([1, 2]);
});

it('sends a throttled request when the broker allows it, without an answer that would cause a check', () => {
  const { queue, push, sent } = queueOf(5);
  queue.maybeThrottle(400);
  push(1);
  vi.advanceTimersByTime(399);
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(sent).toEqual([1]);
  expect(vi.getTimerCount()).toBe(0);
});

it('a request without an answer is rejected within a second of its timeout, with one look a second', () => {
  const { queue, push, answer, rejected } = queueOf(5, true);
  queue.scheduleRequestTimeoutCheck();
  push(1);
  push(2);
  answer(2);
  vi.advanceTimersByTime(3000);
  expect(rejected).toEqual([]);
  vi.advanceTimersByTime(1000);
  expect(rejected).toEqual([1]);
  const runs = vi.spyOn(Date, 'now');
  push(3);
  runs.mockClear();
  vi.advanceTimersByTime(2000);
  expect(runs.mock.calls.length).toBeLessThanOrEqual(2);
  queue.destroy();
  expect(vi.getTimerCount()).toBe(0);
});
