// `npm test`: everything that CI runs, from a fresh clone, with its own infrastructure on free ports. The last line is the count.
// `npm test -- --only chat-service` runs a part: checks, unit, scripts, e2e, or the tests of one workspace.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runChecks } from '../checks/index.ts';
import { startInfra } from '../infra/index.ts';
import { ProcessGroup } from '../processes/process-group.ts';
import { stopSignal, untilAborted } from '../processes/stop-request.ts';
import { runVitest, type Counts } from '../processes/vitest.ts';
import { UserError, main, progress } from '../progress.ts';
import { WORKSPACES } from '../services.ts';

const { only } = parseArgs({ options: { only: { type: 'string' } } }).values;

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const signal = stopSignal();

await main(async () => {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'chat-test-'));
  const group = new ProcessGroup(progress);
  try {
    await runTests(group, dataDir);
  } catch (error) {
    if (signal.aborted) throw error;
    console.error(error instanceof UserError ? error.message : error);
    total.failed += 1; // CI reads the count, also when there were no tests
  } finally {
    await group.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
  const { passed, failed, skipped } = total;
  if (failed > 0 || passed === 0) process.exitCode = 1;
  console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
});

async function runTests(group: ProcessGroup, dataDir: string): Promise<void> {
  const vitestRuns = vitestRunsOf(only);
  const aborted = untilAborted(signal);
  aborted.catch(() => {}); // also when nothing waits for it
  const starting = only && ['checks', 'unit', 'scripts'].includes(only) ? Promise.resolve({}) : startTestInfra(group, dataDir);
  starting.catch(() => {}); // awaited after the checks
  if (!only || only === 'checks') add(await Promise.race([runChecks(), aborted]));
  const env = await Promise.race([starting, aborted]);
  for (const [index, args] of vitestRuns.entries()) {
    const reportFile = path.join(dataDir, `vitest-${index}.json`);
    add(await runVitest({ args, env, reportFile, reaper: group.reaper, signal }));
    signal.throwIfAborted();
  }
}

/** Starts the infrastructure, and returns the variables that tell the tests its addresses. */
async function startTestInfra(group: ProcessGroup, dataDir: string): Promise<NodeJS.ProcessEnv> {
  progress('starting PostgreSQL, Redis, Kafka and the Schema Registry for the tests');
  const logDir = path.join(dataDir, 'logs');
  const { addresses } = await startInfra({ dataDir, logDir, given: {}, ports: 'free', postgresPassword: 'postgres', group });
  const adminUrl = new URL(addresses.databaseUrl);
  adminUrl.pathname = '/postgres';
  return {
    TEST_PG_URL: adminUrl.href,
    TEST_REDIS_URL: addresses.redisUrl,
    TEST_KAFKA_BROKER: addresses.kafkaBroker,
    TEST_SCHEMA_REGISTRY_URL: addresses.schemaRegistryUrl,
  };
}

/**
 * The arguments of each run of vitest. The end-to-end tests have a run of their own: vitest starts their system, by the global set-up of
 * their project, at the beginning of a run, and it would take processor time and memory from all other tests.
 */
function vitestRunsOf(part: string | undefined): string[][] {
  const projects = (...names: string[]) => names.flatMap((name) => ['--project', name]);
  if (part === undefined) return [projects('unit', 'scripts', ...WORKSPACES), projects('e2e')];
  if (part === 'checks') return [];
  if (['unit', 'scripts', 'e2e'].includes(part)) return [projects(part)];
  if (WORKSPACES.includes(part)) return [[...projects('unit', part), `${part}/`]];
  throw new UserError(`There is no part "${part}". Parts: checks, unit, scripts, e2e, ${WORKSPACES.join(', ')}.`);
}

function add({ passed, failed, skipped = 0 }: { passed: number; failed: number; skipped?: number }): void {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}
