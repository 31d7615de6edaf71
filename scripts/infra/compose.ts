import path from 'node:path';
import { ROOT } from '../paths.ts';
import { UserError, progress } from '../progress.ts';
import type { InfraAddresses } from './addresses.ts';
import { REDIS_ADMIN } from '../../setup/src/secrets/redis-passwords.ts';
import { REGISTRY_PATH } from './registry.ts';
import { findCommand } from './tools.ts';

/** The infrastructure of infra/compose.yml, as far as it was wanted. */
export interface ComposeInfra {
  addresses: Partial<InfraAddresses>;
  /** Mailpit's; absent if the environment names a mail server. */
  mail?: { smtpUrl: string; mailboxUrl: string };
}

/** infra/compose.yml with variables, `.env` and overriding files applied. */
export interface ComposeFile {
  services: Record<string, { environment?: Record<string, string>; ports?: { target: number; published?: string }[] }>;
}

const SERVICE_OF = { databaseUrl: 'postgres', redisUrl: 'redis', kafkaBroker: 'kafka', schemaRegistryUrl: 'registry' };

/**
 * Starts the services of the compose file, except those whose address the environment gives, waits until they are healthy, and returns
 * their addresses. They continue to run when this process ends.
 */
export async function composeUp(env: NodeJS.ProcessEnv, given: Partial<InfraAddresses>, signal: AbortSignal): Promise<ComposeInfra> {
  const parts = Object.entries(SERVICE_OF).flatMap(([address, service]) => (given[address as keyof InfraAddresses] ? [] : [service]));
  const services = env.SMTP_URL || env.SMTP_URL_FILE ? parts : [...parts, 'mailpit'];
  if (services.length === 0) return { addresses: {} };
  if (!findCommand('docker')) throw new UserError('docker is missing. Install Docker with its compose plugin, or start without --docker.');
  progress(`docker compose up: ${services.join(', ')}`);
  await compose(['up', '--detach', '--wait', ...services], 'inherit', signal); // shows its progress: the first one fetches images for minutes
  const file = JSON.parse(await compose(['config', '--format', 'json'], 'pipe', signal)) as ComposeFile;
  return infraOf(file, services);
}

/** The addresses of some services of the file. */
export function infraOf(file: ComposeFile, services: string[]): ComposeInfra {
  const address = (service: string, port: number) => `127.0.0.1:${publishedPort(file, service, port)}`;
  const infra: ComposeInfra = { addresses: {} };
  const { addresses } = infra;
  if (services.includes('postgres'))
    addresses.databaseUrl = withPassword(
      `postgres://postgres@${address('postgres', 5432)}/chat`,
      file.services.postgres?.environment?.POSTGRES_PASSWORD,
    );
  if (services.includes('redis'))
    addresses.redisUrl = withPassword(
      `redis://${REDIS_ADMIN}@${address('redis', 6379)}`,
      file.services.redis?.environment?.CHAT_REDIS_PASSWORD,
    );
  if (services.includes('kafka')) addresses.kafkaBroker = address('kafka', 19092);
  if (services.includes('registry')) addresses.schemaRegistryUrl = `http://${address('registry', 8080)}${REGISTRY_PATH}`;
  if (services.includes('mailpit')) {
    infra.mail = { smtpUrl: `smtp://${address('mailpit', 1025)}`, mailboxUrl: `http://localhost:${publishedPort(file, 'mailpit', 8025)}` };
  }
  return infra;
}

function withPassword(address: string, password = ''): string {
  const url = new URL(address);
  url.password = encodeURIComponent(password.replaceAll('$$', '$')); // `config` escapes it for a compose file
  return url.href;
}

function publishedPort({ services }: ComposeFile, service: string, target: number): string {
  const port = services[service]?.ports?.find((one) => one.target === target)?.published;
  if (!port) throw new UserError(`The service ${service} of Docker Compose must publish its port ${target} on a port of this machine.`);
  return port;
}

async function compose(args: string[], stdout: 'inherit' | 'pipe', signal: AbortSignal): Promise<string> {
  const { execa } = await import('execa'); // only with --docker
  const options = {
    cwd: path.join(ROOT, 'infra'),
    stdin: 'ignore',
    stdout,
    stderr: 'inherit',
    reject: false,
    cancelSignal: signal,
  } as const;
  const result = await execa('docker', ['compose', ...args], options);
  signal.throwIfAborted();
  if (result.failed)
    throw new UserError(`docker compose ${args[0]} failed; its messages are above. Ports and other settings: infra/README.md.`);
  return result.stdout ?? '';
}
