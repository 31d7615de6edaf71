// `npm start`: the whole system from a fresh clone, until Ctrl-C. With `-- --docker` on the infrastructure of docker-compose.yml.
import { once } from 'node:events';
import path from 'node:path';
import type { InfraAddresses } from '../infra/addresses.ts';
import { resolveInfra, type ResolvedInfra } from '../infra/resolve-infra.ts';
import { DATA_DIR } from '../paths.ts';
import { main, progress } from '../progress.ts';
import { SERVICES } from '../services.ts';
import { onStopRequest } from '../processes/stop-request.ts';
import { startSystem, type System } from '../system.ts';

await main(async () => {
  const stopping = new AbortController();
  let resolved: ResolvedInfra | undefined;
  let system: System | undefined;
  onStopRequest({
    first: () => {
      progress('stopping; a second Ctrl-C kills everything at once');
      stopping.abort();
    },
    second: () => {
      system?.killNow();
      process.exit(1); // the reaper ends what still runs
    },
  });

  progress('starting the chat system');
  try {
    resolved = await resolveInfra(process.argv.slice(2), process.env, stopping.signal);
    system = await startSystem({ dataDir: DATA_DIR, given: resolved.given, env: resolved.env, signal: stopping.signal });
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
  }
  if (system && resolved) {
    console.log(summary(system, resolved));
    if (!stopping.signal.aborted) await once(stopping.signal, 'abort');
    await system.stop();
  }
  progress('stopped');
});

function summary({ urls, infra, services, logDir }: System, { compose }: ResolvedInfra): string {
  const origin = (part: { pid: number | null } | undefined, address: keyof InfraAddresses) => {
    if (part) return `pid ${part.pid}`;
    return compose?.addresses[address] ? 'Docker Compose' : 'from the environment';
  };
  const relative = (file: string) => path.relative(process.cwd(), file) || '.';
  const rows = [
    ...SERVICES.map(({ name }) => [name, urls.services[name], `pid ${services[name].pid}`]),
    ['PostgreSQL', hostOf(infra.databaseUrl), origin(infra.postgres, 'databaseUrl')],
    ['Redis', hostOf(infra.redisUrl), origin(infra.redis, 'redisUrl')],
    ['Kafka', infra.kafkaBroker, origin(infra.kafka, 'kafkaBroker')],
    ['Schema Registry', infra.schemaRegistryUrl, origin(infra.registry, 'schemaRegistryUrl')],
  ];
  const table = rows.map(([name = '', address = '', how = '']) => `    ${name.padEnd(22)}${address.padEnd(46)}${how}`).join('\n');
  return `
  Chat is running.

    Playground            ${urls.graphql}
    Try it                npm run demo   (in another terminal)${compose?.mail ? `\n    Mails                 ${compose.mail.mailboxUrl}` : ''}

${table}

    Logs                  ${relative(logDir)}/<name>.log
    Data                  ${relative(DATA_DIR)}   (npm run reset deletes it)

  ${compose ? 'Ctrl-C stops the services, `docker compose down` the rest; `docker compose down -v` deletes its data.' : 'Ctrl-C stops everything.'}
`;
}

function hostOf(url: string): string {
  return new URL(url).host;
}
