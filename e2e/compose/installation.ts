import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readComposeFile } from '../../scripts/compose/compose-file.ts';
import { ROOT } from '../../scripts/paths.ts';
import { freePort } from '../../scripts/processes/ports.ts';
import { docker, dockerLines } from './docker.ts';

const COMPOSE_FILE = path.join(ROOT, 'compose.yml');

/**
 * compose.yml as a project of its own: with its own name, ports, secrets, volumes and tags of images, and without the settings of an
 * operator (.env, compose.override.yml, variables of the shell).
 */
export class Installation {
  readonly project = `chat-test-${randomBytes(4).toString('hex')}`;
  readonly url: string;
  readonly mailboxUrl: string;
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), 'chat-test-'));
  readonly #secrets = path.join(this.#folder, 'secrets');
  readonly #signal: AbortSignal;

  private constructor(gatewayPort: number, mailboxPort: number, signal: AbortSignal) {
    this.url = `http://127.0.0.1:${gatewayPort}`;
    this.mailboxUrl = `http://127.0.0.1:${mailboxPort}`;
    this.#signal = signal;
    mkdirSync(this.#secrets);
    const settings = {
      CHAT_GATEWAY_ADDRESS: '127.0.0.1',
      CHAT_GATEWAY_PORT: gatewayPort,
      CHAT_MAILBOX_PORT: mailboxPort,
      CHAT_SECRETS_DIR: this.#secrets,
      CHAT_VERSION: this.project,
      // All users of the tests have one address.
      RATE_LIMIT_SCALE: 100,
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(path.join(this.#folder, 'settings.env'), lines.join(''));
    const withoutEnvFile = Object.keys(readComposeFile('compose.yml').services).map((name) => `  ${name}: { env_file: !reset [] }\n`);
    writeFileSync(path.join(this.#folder, 'compose.yml'), `services:\n${withoutEnvFile.join('')}`);
  }

  static async create(signal: AbortSignal): Promise<Installation> {
    return new Installation(await freePort(), await freePort(), signal);
  }

  /** Runs `docker compose` for this project, with the profile "scale" where `scale` says so; ends it when the test is stopped. */
  compose(args: string[], { scale = false, evenIfStopped = false } = {}): Promise<string> {
    const files = ['--project-directory', ROOT, '--file', COMPOSE_FILE, '--file', path.join(this.#folder, 'compose.yml')];
    const project = ['--project-name', this.project, '--env-file', path.join(this.#folder, 'settings.env')];
    return docker(['compose', ...project, ...files, ...(scale ? ['--profile', 'scale'] : []), ...args], {
      env: environment(),
      extendEnv: false,
      ...(evenIfStopped ? {} : { cancelSignal: this.#signal }),
    });
  }

  /** The id of the container of a service. */
  async container(service: string): Promise<string> {
    return (await this.compose(['ps', '--all', '--quiet', service], { scale: true })).trim();
  }

  /** Writes what all containers have logged into a file that stays; returns its path. */
  async saveLogs(): Promise<string> {
    const file = path.join(os.tmpdir(), `${this.project}.log`);
    const args = ['logs', '--no-color', '--timestamps'];
    writeFileSync(file, await this.compose(args, { scale: true, evenIfStopped: true }).catch((error: Error) => error.message));
    return file;
  }

  /** Deletes containers, networks, volumes, the images that were built, and the secrets; returns what is left. */
  async remove(): Promise<string[]> {
    const label = ['--filter', `label=com.docker.compose.project=${this.project}`];
    const containers = await dockerLines(['ps', '--all', '--quiet', ...label]);
    // Volumes without a name have no label.
    const volumes = containers.length
      ? await dockerLines(['inspect', '--format', '{{range .Mounts}}{{println .Name}}{{end}}', ...containers])
      : [];
    await this.compose(['down', '--volumes', '--remove-orphans', '--timeout', '30'], { scale: true, evenIfStopped: true });
    // The files belong to the users of the containers, so an operator who is not root cannot delete them.
    await docker([
      'run',
      '--rm',
      '--network=none',
      '--user=0:0',
      `--volume=${this.#folder}:/test`,
      'redis:8',
      'rm',
      '-rf',
      '/test/secrets',
    ]);
    rmSync(this.#folder, { recursive: true });
    const images = await dockerLines(['images', '--quiet', '--filter', `reference=chat/*:${this.project}`]);
    const tags = await dockerLines(['images', '--format', '{{.Repository}}:{{.Tag}}', '--filter', `reference=chat/*:${this.project}`]);
    if (images.length) await docker(['image', 'rm', ...tags]);
    const existing = new Set(await dockerLines(['volume', 'ls', '--quiet']));
    return [
      ...(await dockerLines(['ps', '--all', '--format', 'container {{.Names}}', ...label])),
      ...(await dockerLines(['network', 'ls', '--format', 'network {{.Name}}', ...label])),
      ...(await dockerLines(['volume', 'ls', '--format', 'volume {{.Name}}', ...label])),
      ...volumes.filter((name) => existing.has(name)).map((name) => `volume ${name}`),
    ];
  }
}

/** The environment without the variables that Compose or compose.yml read. */
function environment(): NodeJS.ProcessEnv {
  const read = new Set([...readFileSync(COMPOSE_FILE, 'utf8').matchAll(/\$\{(\w+)/g)].map(([, name]) => name));
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !read.has(name) && !name.startsWith('COMPOSE_')));
}
