import { firstInstance, isJob, type ComposeFile, type ComposeService } from './compose-file.ts';

/** The sum of the memory limits without a profile: a machine with 4 GB keeps the rest for itself. */
const MAX_MEGABYTES = 3584;
/** The one service that other machines reach. */
const PUBLIC_SERVICE = 'haproxy';
/** Kafka writes its configuration beside the one of its image. */
const WRITABLE = ['kafka'];
/** What root may keep in a job that prepares files for others. */
const JOB_CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER'];

/** What is wrong with the containers of compose.yml: one sentence for each problem. */
export function containerProblems({ services }: ComposeFile): string[] {
  const problems = Object.entries(services).flatMap(([name, service]) =>
    [...rulesOfEach(name, service), ...portRules(name, service), ...secretRules(name, service)].map((problem) => `${name}: ${problem}`),
  );
  const megabytes = Object.values(services)
    .filter((service) => !service.profiles && !isJob(service))
    .reduce((sum, { mem_limit }) => sum + Number.parseInt(mem_limit ?? '0', 10), 0);
  if (megabytes > MAX_MEGABYTES) problems.push(`all together may use ${megabytes} MB of memory, more than ${MAX_MEGABYTES}`);
  return problems;
}

function rulesOfEach(name: string, service: ComposeService): string[] {
  const job = isJob(service);
  const rules: [boolean, string][] = [
    // The own images are built here, or come from a registry that the operator names.
    [!service.image?.includes('CHAT_IMAGES') || service.pull_policy === '${CHAT_PULL_POLICY:-never}', 'its image may come from a stranger'],
    [/:(v?\d[\w.-]*|\$\{CHAT_VERSION:-latest\})$/.test(service.image ?? ''), 'the image has no fixed version'],
    [job || (service.healthcheck?.test ?? []).length > 1, 'no health check'],
    [/^\d+m$/.test(service.mem_limit ?? '') && typeof service.cpus === 'number', 'no limit of memory in MB and of CPUs'],
    [/^\d+:\d+$/.test(service.user ?? '') && (job || !service.user!.startsWith('0:')), 'no user by number, or root'],
    [service.read_only === true || WRITABLE.includes(name), 'it can change its own files'],
    [service.cap_drop?.join() === 'ALL', 'it keeps capabilities'],
    [(service.cap_add ?? []).every((one) => job && JOB_CAPABILITIES.includes(one)), 'it gets capabilities'],
    [service.security_opt?.includes('no-new-privileges:true') === true && !service.privileged, 'it may gain privileges'],
    [service.network_mode !== 'host', 'it uses the network of the host'],
    [service.restart === (job ? 'no' : 'unless-stopped'), 'no restart policy'],
    [/^\d+s$/.test(service.stop_grace_period ?? ''), 'no time to stop'],
    [Boolean(service.logging?.options?.['max-size'] && service.logging.options['max-file']), 'its log grows without end'],
  ];
  return rules.flatMap(([isKept, problem]) => (isKept ? [] : [problem]));
}

function portRules(name: string, { ports = [] }: ComposeService): string[] {
  if (name === PUBLIC_SERVICE) return ports.length === 1 ? [] : ['it publishes one port, that of the clients'];
  const isLocal = (port: unknown) => typeof port === 'string' && /^127\.0\.0\.1:\$\{CHAT_\w+_PORT:-\d+\}:\d+$/.test(port);
  return ports.every(isLocal) ? [] : ['it publishes a port to other machines, or without a variable'];
}

/** A container sees the secrets of its own folder only, and cannot write them. */
function secretRules(name: string, service: ComposeService): string[] {
  const own = name === 'migrate' ? 'setup' : firstInstance(name);
  const mounts = (service.volumes ?? []).filter((volume) => volume.includes('CHAT_SECRETS_DIR'));
  const isOwn = (volume: string) => new RegExp(`^\\$\\{CHAT_SECRETS_DIR:-\\./secrets\\}/${own}:/[\\w/]+:ro$`).test(volume);
  return name === 'secrets' || mounts.every(isOwn) ? [] : ['it sees secrets of others, or can write them'];
}
