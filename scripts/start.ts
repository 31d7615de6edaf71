// `npm start`: the whole system from a fresh clone, until Ctrl-C.
import { once } from 'node:events';
import path from 'node:path';
import { addressesFromEnvironment } from './infra/addresses.ts';
import { DATA_DIR } from './places.ts';
import { main, progress } from './progress.ts';
import { SERVICES } from './services.ts';
import { onStopRequest } from './stop-request.ts';
import { startSystem, type System } from './system.ts';

await main(async () => {
  const stopping = new AbortController();
  let system: System | undefined;
  onStopRequest({
    first: () => {
      progress('stopping; Ctrl-C once more ends everything at once');
      stopping.abort();
    },
    second: () => {
      system?.killNow();
      process.exit(1); // whatever is left now is ended by the guard
    },
  });

  progress('starting the chat system');
  try {
    system = await startSystem({ dataDir: DATA_DIR, given: addressesFromEnvironment(process.env), signal: stopping.signal });
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
  }
  if (system) {
    console.log(summary(system));
    if (!stopping.signal.aborted) await once(stopping.signal, 'abort');
    await system.stop();
  }
  progress('stopped');
});

function summary({ urls, infra, services, logDir }: System): string {
  const here = (text: string) => path.relative(process.cwd(), text) || '.';
  const rows = [
    ...SERVICES.map(({ name }) => [name, urls.services[name], `pid ${services[name].pid}`]),
    ['PostgreSQL', hostOf(infra.databaseUrl), origin(infra.postgres)],
    ['Redis', hostOf(infra.redisUrl), origin(infra.redis)],
    ['Kafka', infra.kafkaBroker, origin(infra.kafka)],
    ['Schema Registry', infra.schemaRegistryUrl, origin(infra.registry)],
  ];
  const table = rows.map(([name = '', address = '', how = '']) => `    ${name.padEnd(22)}${address.padEnd(46)}${how}`).join('\n');
  return `
  Chat is running.

    Playground            ${urls.graphql}
    Try it                npm run demo   (in another terminal)

${table}

    Logs                  ${here(logDir)}/<name>.log
    Data                  ${here(DATA_DIR)}   (npm run reset clears it)

  Ctrl-C stops everything.
`;
}

function hostOf(url: string): string {
  return new URL(url).host;
}

function origin(part: { pid: number | null } | undefined): string {
  return part ? `pid ${part.pid}` : 'given by the environment';
}
