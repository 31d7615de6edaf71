import { silentLog } from '@chat/shared/observability';
import type { OutboxRelay } from '@chat/shared/outbox';
import { afterEach, expect, it, vi } from 'vitest';
import type { ReadQueries } from '../database/queries.js';
import { MembershipBackfill } from './membership-backfill.js';

afterEach(() => {
  vi.useRealTimers();
});

it('nothing is written for chat.membership while the relay of another process, perhaps of the build before, is active', async () => {
  vi.useFakeTimers();
  const relay = { isActive: false, wake: vi.fn<() => void>() };
  const row = vi.fn<() => Promise<{ published: number }>>().mockResolvedValueOnce({ published: 100 }).mockResolvedValue({ published: 0 });
  const backfill = new MembershipBackfill(silentLog, { row } as unknown as ReadQueries, relay as unknown as OutboxRelay);
  backfill.onApplicationBootstrap();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(row).not.toHaveBeenCalled();

  relay.isActive = true;
  await vi.advanceTimersByTimeAsync(2000);
  expect(row).toHaveBeenCalledTimes(2);
  expect(relay.wake).toHaveBeenCalledTimes(1);
  await backfill.beforeApplicationShutdown();
});
