// `npm test`: everything that CI runs, from a fresh clone, with its own infrastructure on free ports. The last line is the count.
// `npm test -- --only chat-service` runs a part: checks, unit, scripts, e2e, or the tests of one workspace.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildWhenChanged } from '../build.ts';
import { CHECKS, passes } from '../checks/index.ts';
import { startInfra, type Infra } from '../infra/index.ts';
import { startReaper } from '../processes/reaper-client.ts';
import { abortCommands } from '../processes/run-command.ts';
import { onStopRequest } from '../processes/stop-request.ts';
import { runVitest, type Counts } from '../processes/vitest.ts';
import { UserError, main, progress } from '../progress.ts';
import { SERVICES } from '../services.ts';

const WORKSPACES = ['shared', 'testkit', ...SERVICES.map(({ name }) => name)];
const WITHOUT_INFRA = ['checks', 'unit', 'scripts'];
const { only } = parseArgs({ options: { only: { type: 'string' } } }).values;

const dataDir = mkdtempSync(path.join(os.tmpdir(), 'chat-test-'));
const reaper = startReaper();
const stopping = new AbortController();
const total: Counts = { passed: 0, failed: 0, skipped: 0 };

onStopRequest({
  first: () => {
    stopping.abort(new UserError('stopped'));
    abortCommands();
  },
  second: () => process.exit(1),
});

await main(async () => {
  try {
    await runEverything().catch((error: Error) => {
      if (stopping.signal.aborted) throw error;
      console.error(error instanceof UserError ? error.message : error);
      add({ passed: 0, failed: 1, skipped: 0 }); // CI reads the count, also when there were no tests
    });
    const { passed, failed, skipped } = total;
    if (failed > 0 || passed + failed === 0) process.exitCode = 1;
    console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  } finally {
    reaper.close(); // ends what still runs
    rmSync(dataDir, { recursive: true, force: true });
  }
});

async function runEverything(): Promise<void> {
  const vitestRuns = vitestRunsOf(only);
  const starting = only && WITHOUT_INFRA.includes(only) ? undefined : startTestInfra();
  try {
    if (!only || only === 'checks') await runChecks();
    const env = starting ? testAddresses(await starting) : {};
    for (const [index, args] of vitestRuns.entries()) {
      stopping.signal.throwIfAborted();
      const reportFile = path.join(dataDir, `vitest-${index}.json`);
      add(await runVitest({ args, env, reportFile, reaper, signal: stopping.signal }));
    }
    stopping.signal.throwIfAborted();
  } finally {
    await starting?.then((infra) => infra.stop()).catch(() => {}); // its failure is thrown above
  }
}

function startTestInfra(): Promise<Infra> {
  progress('starting PostgreSQL, Redis, Kafka and the Schema Registry for the tests');
  const starting = startInfra({
    dataDir,
    logDir: path.join(dataDir, 'logs'),
    given: {},
    ports: 'free',
    postgresPassword: 'postgres',
    watch: { reaper, report: progress },
    report: progress,
    signal: stopping.signal,
  });
  starting.catch(() => {}); // awaited after the checks
  return starting;
}

async function runChecks(): Promise<void> {
  const build = { name: 'build', run: () => buildWhenChanged(() => {}) };
  for (const check of [build, ...CHECKS]) {
    stopping.signal.throwIfAborted();
    add((await passes(check)) ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 });
  }
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

function testAddresses({ databaseUrl, redisUrl, kafkaBroker, schemaRegistryUrl }: Infra): NodeJS.ProcessEnv {
  const adminUrl = new URL(databaseUrl);
  adminUrl.pathname = '/postgres';
  return {
    TEST_PG_URL: adminUrl.href,
    TEST_REDIS_URL: redisUrl,
    TEST_KAFKA_BROKER: kafkaBroker,
    TEST_SCHEMA_REGISTRY_URL: schemaRegistryUrl,
  };
}

function add({ passed, failed, skipped }: Counts): void {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}
