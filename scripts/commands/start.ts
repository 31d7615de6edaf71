// `npm start`: the whole system from a fresh clone, until Ctrl-C. With `-- --docker` on the infrastructure of infra/compose.yml.
// `npm run dev` is the same with `--watch`: it compiles every change and restarts the services that use it.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { addressesFromEnvironment, type InfraAddresses } from '../infra/addresses.ts';
import { composeUp, type ComposeInfra } from '../infra/compose.ts';
import { DATA_DIR } from '../paths.ts';
import type { ManagedProcess } from '../processes/managed-process.ts';
import { restartOnChange } from '../processes/restart-on-change.ts';
import { stopSignal, untilAborted } from '../processes/stop-request.ts';
import { UserError, main, progress } from '../progress.ts';
import { SERVICES } from '../services.ts';
import { startSystem, type System } from '../system.ts';

await main(async () => {
  let system: System | undefined;
  const signal = stopSignal(() => system?.group.killNow());
  progress('starting the chat system');
  try {
    const { docker, watch } = options();
    const given = addressesFromEnvironment(process.env);
    const compose = docker ? await composeUp(process.env, given, signal) : undefined;
    const mail = compose?.mail && { SMTP_URL: compose.mail.smtpUrl, MAIL_FROM: process.env.MAIL_FROM || 'Chat <no-reply@chat.example>' };
    system = await startSystem({ dataDir: DATA_DIR, given: { ...compose?.addresses, ...given }, env: { ...mail }, signal });
    console.log(summary(system, compose));
    if (watch) restartOnChange(system, signal);
    await untilAborted(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  await system?.stop();
  progress('stopped');
});

function options(): { docker: boolean; watch: boolean } {
  try {
    const option = { type: 'boolean', default: false } as const;
    return parseArgs({ options: { docker: option, watch: option } }).values;
  } catch (error) {
    const help = 'The one option is --docker: PostgreSQL, Redis, Kafka, the registry and a mailbox in containers.';
    throw new UserError(`${(error as Error).message}\n${help}`);
  }
}

function summary({ urls, addresses, infra, services, logDir }: System, compose: ComposeInfra | undefined): string {
  const row = (name: string, address: string, origin: string) => `    ${name.padEnd(22)}${address.padEnd(46)}${origin}`;
  const part = (name: string, address: keyof InfraAddresses, process: ManagedProcess | undefined) => {
    const origin = process ? `pid ${process.pid}` : compose?.addresses[address] ? 'Docker Compose' : 'from the environment';
    const text = addresses[address];
    return row(name, /^(postgres|redis)/.test(text) ? new URL(text).host : text, origin); // without the password
  };
  const isProduction = process.env.NODE_ENV === 'production';
  const relative = (file: string) => path.relative(process.cwd(), file) || '.';
  return `
  Chat is running.

    ${(isProduction ? 'GraphQL' : 'Playground').padEnd(22)}${urls.graphql}${isProduction ? '   (NODE_ENV=production)' : ''}
    Try it                npm run demo   (in another terminal)${compose?.mail ? `\n    Mails                 ${compose.mail.mailboxUrl}` : ''}

${SERVICES.map(({ name }) => row(name, urls.services[name], `pid ${services[name].pid}`)).join('\n')}
${part('PostgreSQL', 'databaseUrl', infra.postgres)}
${part('Redis', 'redisUrl', infra.redis)}
${part('Kafka', 'kafkaBroker', infra.kafka)}
${part('Schema Registry', 'schemaRegistryUrl', infra.registry)}

    Logs                  ${relative(logDir)}/<name>.log
    Data                  ${relative(DATA_DIR)}   (npm run reset deletes it)

  ${compose ? 'Ctrl-C stops the services, `docker compose down` in the folder infra the rest; with `-v` it deletes its data.' : 'Ctrl-C stops everything.'}
`;
}
