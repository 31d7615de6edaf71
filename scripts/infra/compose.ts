import { ROOT } from '../paths.ts';
import { UserError, progress } from '../progress.ts';
import type { InfraAddresses } from './addresses.ts';
import { REGISTRY_PATH } from './registry.ts';
import { findCommand } from './tools.ts';

/** The infrastructure of docker-compose.yml, as far as it was wanted. */
export interface ComposeInfra {
  addresses: Partial<InfraAddresses>;
  /** Mailpit's; absent if the environment names a mail server. */
  mail?: { smtpUrl: string; mailboxUrl: string };
}

/** docker-compose.yml with variables, `.env` and overriding files applied. */
interface ComposeFile {
  services: Record<string, { environment?: Record<string, string>; ports?: { target: number; published?: string }[] }>;
}

/**
 * Starts the services of the compose file, except those whose address the environment gives, waits until they are healthy, and returns
 * their addresses. They continue to run when this process ends.
 */
export async function composeUp(env: NodeJS.ProcessEnv, given: Partial<InfraAddresses>, signal?: AbortSignal): Promise<ComposeInfra> {
  const wanted = {
    postgres: !given.databaseUrl,
    redis: !given.redisUrl,
    kafka: !given.kafkaBroker,
    registry: !given.schemaRegistryUrl,
    mailpit: !env.SMTP_URL,
  };
  const services = Object.entries(wanted).flatMap(([service, isWanted]) => (isWanted ? [service] : []));
  if (services.length === 0) return { addresses: {} };
  if (!findCommand('docker')) throw new UserError('docker is missing. Install Docker with its compose plugin, or start without --docker.');

  progress(`docker compose up: ${services.join(', ')}`);
  await compose(['up', '--detach', '--wait', ...services], 'inherit', signal); // shows its progress: the first one fetches images for minutes
  const file = JSON.parse(await compose(['config', '--format', 'json'], 'pipe', signal)) as ComposeFile;
  const address = (service: string, port: number) => `127.0.0.1:${publishedPort(file, service, port)}`;
  return {
    addresses: {
      ...(wanted.postgres && { databaseUrl: databaseUrl(address('postgres', 5432), file) }),
      ...(wanted.redis && { redisUrl: `redis://${address('redis', 6379)}` }),
      ...(wanted.kafka && { kafkaBroker: address('kafka', 19092) }),
      ...(wanted.registry && { schemaRegistryUrl: `http://${address('registry', 8080)}${REGISTRY_PATH}` }),
    },
    ...(wanted.mailpit && {
      mail: { smtpUrl: `smtp://${address('mailpit', 1025)}`, mailboxUrl: `http://localhost:${publishedPort(file, 'mailpit', 8025)}` },
    }),
  };
}

function databaseUrl(address: string, file: ComposeFile): string {
  const url = new URL(`postgres://postgres@${address}/chat`);
  const password = file.services.postgres?.environment?.POSTGRES_PASSWORD ?? '';
  url.password = encodeURIComponent(password.replaceAll('$$', '$')); // `config` escapes it for a compose file
  return url.href;
}

function publishedPort({ services }: ComposeFile, service: string, target: number): string {
  const port = services[service]?.ports?.find((one) => one.target === target)?.published;
  if (!port) throw new UserError(`The service ${service} of Docker Compose must publish its port ${target} on a port of this machine.`);
  return port;
}

async function compose(args: string[], stdout: 'inherit' | 'pipe', signal?: AbortSignal): Promise<string> {
  const options = {
    cwd: ROOT,
    stdin: 'ignore',
    stdout,
    stderr: 'inherit',
    reject: false,
    ...(signal && { cancelSignal: signal }),
  } as const;
  const { execa } = await import('execa'); // only with --docker
  const result = await execa('docker', ['compose', ...args], options);
  signal?.throwIfAborted();
  if (result.failed)
    throw new UserError(`docker compose ${args[0]} failed; its messages are above. Ports and other settings: infra/README.md.`);
  return result.stdout ?? '';
}
