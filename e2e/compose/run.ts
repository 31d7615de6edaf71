/**
 * `npm run test:compose`: builds the images, starts compose.yml as a project of its own, runs the end-to-end tests against it, kills one
 * container of each kind and restarts all services in turn under 20 messages per second, measures SIGTERM, and removes everything. The last
 * line is the count. `npm run test:compose -- kills restarts` runs these parts only; the parts: tests, kills, restarts.
 */
import { GraphqlClient } from '@chat/testkit/graphql-client';
import { SteadyLoad } from '@chat/testkit/load';
import { TestUser } from '@chat/testkit/user';
import { stopSignal, untilAborted } from '../../scripts/processes/stop-request.ts';
import { UserError, main, progress } from '../../scripts/progress.ts';
import { Checks } from './checks.ts';
import { requireDocker } from './docker.ts';
import { runEndToEndTests } from './end-to-end-tests.ts';
import { Installation } from './installation.ts';
import { endOf, killEach } from './kills.ts';
import { restartEach } from './rolling-restart.ts';
import { SteadyQueries } from './steady-queries.ts';
import { stopEach } from './stops.ts';

const MESSAGES_PER_SECOND = 20;
const PAIRS = 10;

const parts = process.argv.slice(2);
const isChosen = (part: string) => parts.length === 0 || parts.includes(part);
const signal = stopSignal();
const checks = new Checks();

await main(async () => {
  await requireDocker();
  const installation = await Installation.create(signal);
  progress(`the project is ${installation.project}`);
  const aborted = untilAborted(signal);
  aborted.catch(() => {}); // also when nothing waits for it
  try {
    await Promise.race([test(installation), aborted]);
  } catch (error) {
    checks.add('the test ran to its end', [error instanceof UserError ? error.message : String((error as Error).stack)]);
  } finally {
    if (checks.counts.failed > 0) progress(`the logs of the containers: ${await installation.saveLogs()}`);
    progress('removing everything');
    checks.add('no container, network or volume is left', await installation.remove().catch((error: Error) => [error.message]));
  }
  const { passed, failed, skipped } = checks.counts;
  if (failed > 0) process.exitCode = 1;
  console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
});

async function test(installation: Installation): Promise<void> {
  await installation.compose(['build']);
  progress('the images are built');
  if (isChosen('tests') || isChosen('kills')) {
    await installation.compose(['up', '--detach', '--wait']);
    checks.add('every container is healthy', []);
  }
  if (isChosen('tests')) checks.addAll(await runEndToEndTests(installation, signal));
  const client = new GraphqlClient(`${installation.url}/graphql`);
  if (isChosen('kills')) await killEach(installation, await newLoad(client), checks, signal);
  if (isChosen('restarts')) await testTwoInstances(installation, client);
  await client.close();
}

async function testTwoInstances(installation: Installation, client: GraphqlClient): Promise<void> {
  await installation.compose(['up', '--detach', '--wait'], { scale: true });
  checks.add('every container of the profile "scale" is healthy', []);
  const load = await newLoad(client);
  const queries = new SteadyQueries(await TestUser.register(client, 'asker'));
  load.start();
  await restartEach(installation, load, queries, checks);
  await stopEach(installation, checks);
  await queries.stop();
  await endOf(load, checks, 'no message is lost, doubled or out of order after the restarts');
}

async function newLoad(client: GraphqlClient): Promise<SteadyLoad> {
  const load = new SteadyLoad(MESSAGES_PER_SECOND);
  await load.registerPairs(client, PAIRS);
  return load;
}
