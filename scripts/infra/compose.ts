import { spawn } from 'node:child_process';
import { ROOT } from '../paths.ts';
import { UserError, progress } from '../progress.ts';
import type { InfraAddresses } from './addresses.ts';
import { REGISTRY_PATH } from './registry.ts';
import { findCommand } from './tools.ts';

/** The infrastructure of docker-compose.yml, as far as it was wanted. */
export interface ComposeInfra {
  addresses: Partial<InfraAddresses>;
  /** Mailpit's; absent when the environment names a mail server. */
  mail?: { smtpUrl: string; mailboxUrl: string };
}

/** What docker-compose.yml says once variables, `.env` and overriding files are worked in. */
interface ComposeFile {
  services: Record<string, { environment?: Record<string, string>; ports?: { target: number; published?: string }[] }>;
}

/**
 * Brings up the services of the compose file, but for those whose address the environment gives, waits until they are healthy, and
 * says where they are. They go on running when this process ends.
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
  await compose(['up', '--detach', '--wait', ...services], { signal, show: true });
  const file = JSON.parse(await compose(['config', '--format', 'json'], { signal })) as ComposeFile;
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
  url.password = encodeURIComponent(password.replaceAll('$$', '$')); // Compose writes what Compose could read again
  return url.href;
}

function publishedPort({ services }: ComposeFile, service: string, target: number): string {
  const port = services[service]?.ports?.find((one) => one.target === target)?.published;
  if (!port) throw new UserError(`${service}, as Docker Compose has it, does not publish its port ${target} under a number of its own.`);
  return port;
}

/** Gives what the command printed, or lets the user see it: the first `up` fetches images for minutes. */
function compose(args: string[], { signal, show = false }: { signal?: AbortSignal | undefined; show?: boolean }): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('docker', ['compose', ...args], {
      cwd: ROOT,
      stdio: ['ignore', show ? 'inherit' : 'pipe', 'inherit'],
      ...(signal && { signal }),
    });
    let output = '';
    child.stdout?.on('data', (data: Buffer) => (output += data));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new UserError(`docker compose ${args[0]} failed; what it says is above. Ports and other settings: infra/README.md.`));
    });
  });
}
