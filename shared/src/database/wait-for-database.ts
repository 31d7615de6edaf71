import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { DatabaseConfig } from '../config/index.js';
import { connectionOptions } from './connection-options.js';

export interface WaitForDatabaseParts {
  config: DatabaseConfig;
  /** Called after the first failure, and again whenever the reason changes. */
  onWaiting?: (reason: string, error: unknown) => void;
  /** Ends the wait with a rejection. */
  signal?: AbortSignal;
  intervalMs?: number;
}

/** Resolves as soon as PostgreSQL takes a connection of this config; tries for ever. */
export async function waitForDatabase({ config, onWaiting, signal, intervalMs = 500 }: WaitForDatabaseParts): Promise<void> {
  let lastReason: string | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const client = new Client(connectionOptions({ config, applicationName: 'wait' }));
    // A connection that breaks while it is being closed has nobody else to tell.
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('select 1');
      return;
    } catch (error) {
      const reason = describe(error);
      if (reason !== lastReason) onWaiting?.(reason, error);
      lastReason = reason;
    } finally {
      await client.end().catch(() => {});
    }
    await sleep(intervalMs, undefined, signal ? { signal } : {});
  }
}

function describe(error: unknown): string {
  const { message, code, errors } = error as { message?: string; code?: string; errors?: Error[] };
  return message || errors?.[0]?.message || code || 'no connection';
}
