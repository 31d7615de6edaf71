// `npm test`: from a fresh clone, with infrastructure of its own on free ports. The last line is the count.
// `npm test -- --only chat-service` runs a part: checks, unit, e2e, or what belongs to one workspace.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildWhenChanged } from '../build.ts';
import { CHECKS, passes } from '../checks/index.ts';
import { startInfra, type Infra } from '../infra/index.ts';
import { abortCommands } from '../infra/tools.ts';
import { startReaper } from '../processes/reaper-client.ts';
import { RunFile } from '../processes/run-file.ts';
import { UserError, main, progress } from '../progress.ts';
import { SERVICES } from '../services.ts';
import { onStopRequest } from '../processes/stop-request.ts';
import { runVitest, type Counts } from '../processes/vitest.ts';

const WORKSPACES = ['shared', ...SERVICES.map(({ name }) => name)];
const { only } = parseArgs({ options: { only: { type: 'string' } } }).values;
const vitestRuns = vitestRunsOf(only);

const dataDir = mkdtempSync(path.join(os.tmpdir(), 'chat-test-'));
const reaper = startReaper();
const runFile = await RunFile.take(dataDir);
const stopping = new AbortController();
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
let infra: Infra | undefined;

onStopRequest({
  first: () => {
    stopping.abort(new UserError('stopped'));
    abortCommands();
  },
  second: () => process.exit(1),
});

await main(async () => {
  try {
    await runEverything();
    const { passed, failed, skipped } = total;
    if (failed > 0 || passed + failed === 0) process.exitCode = 1;
    console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  } finally {
    reaper.close(); // whatever is still there is ended by it
    runFile.release();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

async function runEverything(): Promise<void> {
  const starting = only === 'checks' || only === 'unit' ? undefined : startTestInfra();
  try {
    if (!only || only === 'checks') await runChecks();
    infra = await starting;
    for (const args of vitestRuns) {
      stopping.signal.throwIfAborted();
      const env = infra ? testAddresses(infra) : {};
      const reportFile = path.join(dataDir, `vitest-${args.join('-').replaceAll('/', '')}.json`);
      add(await runVitest({ args, env, reportFile, reaper, signal: stopping.signal }));
    }
    stopping.signal.throwIfAborted();
  } finally {
    await starting?.then((started) => started.stop()).catch(() => {}); // its failure is thrown above
  }
}

function startTestInfra(): Promise<Infra> {
  progress('starting PostgreSQL, Redis, Kafka and the Schema Registry for the tests');
  const watch = { reaper, runFile, report: progress };
  const logDir = path.join(dataDir, 'logs');
  const starting = startInfra({
    dataDir,
    logDir,
    given: {},
    ports: 'free',
    postgresPassword: 'postgres',
    watch,
    report: progress,
    signal: stopping.signal,
  });
  starting.catch(() => {}); // looked at when the checks are done
  return starting;
}

async function runChecks(): Promise<void> {
  const build = { name: 'build', run: () => buildWhenChanged(() => {}) };
  for (const check of [build, ...CHECKS]) {
    stopping.signal.throwIfAborted();
    add((await passes(check)) ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 });
  }
}

/** The arguments of each run of vitest. The end-to-end tests come last and alone: they start the whole system. */
function vitestRunsOf(part: string | undefined): string[][] {
  const projects = (...names: string[]) => names.flatMap((name) => ['--project', name]);
  if (part === undefined) return [projects('unit', ...WORKSPACES), projects('e2e')];
  if (part === 'checks') return [];
  if (part === 'unit' || part === 'e2e') return [projects(part)];
  if (WORKSPACES.includes(part)) return [[...projects('unit', part), `${part}/`]];
  console.error(`There is no part "${part}". Parts: checks, unit, e2e, ${WORKSPACES.join(', ')}.`);
  process.exit(1);
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
