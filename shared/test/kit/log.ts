import { silentLog, type Log } from '../../src/observability/index.js';

/** Prints the log lines with MESSAGING_TEST_LOG=1, to examine a test. */
export const log: Log = process.env['MESSAGING_TEST_LOG'] ? lineLog() : silentLog;

function lineLog(): Log {
  const line = (level: string) => (fields: object, message?: string) =>
    console.log(level, message, JSON.stringify(fields, errorsToo).slice(0, 600));
  return { debug: () => undefined, info: line('info'), warn: line('warn'), error: line('error') };
}

function errorsToo(_key: string, value: unknown): unknown {
  return value instanceof Error ? { name: value.name, message: value.message, cause: value.cause } : value;
}
