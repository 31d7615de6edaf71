import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ConfigClass } from '@chat/shared/config';
import { expect, it } from 'vitest';
import { GatewayConfig } from '../../api-gateway/src/config.ts';
import { AuthConfig } from '../../auth-service/src/config.ts';
import { ChatConfig } from '../../chat-service/src/config.ts';
import { NotificationConfig } from '../../notification-service/src/config.ts';
import { PresenceServiceConfig } from '../../presence-service/src/config.ts';
import { ProfileServiceConfig } from '../../profile-service/src/config.ts';
import { SetupConfig } from '../../setup/src/config.ts';
import { ROOT } from '../paths.ts';
import type { ServiceName } from '../services.ts';
import { readComposeFile, type ComposeFile, type ComposeService } from './compose-file.ts';
import { containerProblems } from './container-rules.ts';
import { serviceProblems } from './service-rules.ts';

const CONFIGS: Record<ServiceName, ConfigClass> = {
  'auth-service': AuthConfig,
  'chat-service': ChatConfig,
  'presence-service': PresenceServiceConfig,
  'profile-service': ProfileServiceConfig,
  'notification-service': NotificationConfig,
  'api-gateway': GatewayConfig,
};

const problemsOf = (file = readComposeFile('compose.yml')) => [
  ...containerProblems(file),
  ...serviceProblems(file, CONFIGS, { migrate: SetupConfig }),
];

it('compose.yml keeps all rules', () => {
  expect(problemsOf()).toEqual([]);
});

/** A change that breaks a rule: the service, what it changes, and the problem that it causes. */
const BREAKS: [string, (service: ComposeService) => void, RegExp][] = [
  ['redis', (one) => (one.image = 'redis'), /no fixed version/],
  ['kafka', (one) => (one.image = 'apache/kafka:latest'), /no fixed version/],
  ['migrate', (one) => delete one.pull_policy, /may come from a stranger/],
  ['postgres', (one) => delete one.read_only, /change its own files/],
  ['mailpit', (one) => delete one.healthcheck, /no health check/],
  ['chat-service', (one) => delete one.mem_limit, /no limit/],
  ['chat-service', (one) => delete one.cpus, /no limit/],
  ['postgres', (one) => (one.mem_limit = '3000m'), /more than 3584/],
  ['registry', (one) => (one.user = '0:0'), /no user by number, or root/],
  ['redis', (one) => delete one.user, /no user/],
  ['haproxy', (one) => delete one.cap_drop, /keeps capabilities/],
  ['kafka', (one) => (one.cap_add = ['CHOWN']), /gets capabilities/],
  ['secrets', (one) => (one.cap_add = ['SYS_ADMIN']), /gets capabilities/],
  ['postgres', (one) => delete one.security_opt, /gain privileges/],
  ['postgres', (one) => (one.privileged = true), /gain privileges/],
  ['api-gateway', (one) => (one.network_mode = 'host'), /network of the host/],
  ['api-gateway', (one) => delete one.restart, /no restart policy/],
  ['api-gateway', (one) => delete one.stop_grace_period, /no time to stop/],
  ['api-gateway', (one) => delete one.logging, /grows without end/],
  ['chat-service', (one) => (one.ports = ['3002:3002']), /publishes a port/],
  ['mailpit', (one) => (one.ports = ['8025:8025']), /publishes a port/],
  ['haproxy', (one) => one.ports!.push('3001:3001'), /one port/],
  ['redis', (one) => one.volumes!.push('${CHAT_SECRETS_DIR:-./secrets}/auth-service:/other:ro'), /secrets of others/],
  ['auth-service', (one) => (one.volumes = ['${CHAT_SECRETS_DIR:-./secrets}/auth-service:/run/secrets']), /can write them/],
  ['auth-service-2', (one) => delete one.profiles, /no second instance/],
  ['chat-service-2', (one) => delete one.networks, /chat-service-2 is not found/],
  ['auth-service', (one) => (one.depends_on!.redis!.condition = 'service_started'), /auth-service waits for redis until service_started/],
  ['auth-service', (one) => (one.depends_on!.migrate!.condition = 'service_started'), /auth-service waits for migrate/],
  ['api-gateway', (one) => (one.depends_on!['chat-service-2'] = { condition: 'service_healthy' }), /which does not run/],
  ['profile-service', (one) => (one.environment!.DB_HOSTNAME = 'postgres'), /profile-service has no variable DB_HOSTNAME/],
  ['profile-service', (one) => (one.environment!.PORT_FILE = '/run/secrets/PORT'), /profile-service has no variable PORT_FILE/],
  ['migrate', (one) => delete one.environment!.CHAT_DB_PASSWORD_FILE, /migrate needs the variable CHAT_DB_PASSWORD/],
  ['auth-service', (one) => delete one.environment!.AUTH_SECRET_FILE, /auth-service needs the variable AUTH_SECRET/],
  ['auth-service', (one) => (one.environment!.AUTH_SECRET = '${AUTH_SECRET:-}'), /the secret AUTH_SECRET not as a file/],
];

it.each(BREAKS)('a broken %s is found (%#)', (name, change, problem) => {
  const file = JSON.parse(JSON.stringify(readComposeFile('compose.yml'))) as ComposeFile;
  change(file.services[name]!);
  expect(problemsOf(file).join('\n')).toMatch(problem);
});

it('HAProxy has a line for each gateway, and the same lines for gateways that are not ready', () => {
  const servers = readFileSync(path.join(ROOT, 'infra/haproxy/haproxy.cfg'), 'utf8').match(/^ +server .*$/gm) ?? [];
  const gateways = Object.keys(readComposeFile('compose.yml').services).filter((name) => name.startsWith('api-gateway'));
  expect(servers.map((line) => line.trim().split(/ +/)[2])).toEqual([...gateways, ...gateways].map((name) => `${name}:3000`));
});

it('Redis refuses writes before its container has no memory left, and deletes nothing', () => {
  const settings = readFileSync(path.join(ROOT, 'infra/redis/redis.conf'), 'utf8');
  const megabytes = (value: string | undefined) => Number(/^(\d+)mb?$/.exec(value ?? '')?.[1]);
  const maximum = megabytes(/^maxmemory (\S+)$/m.exec(settings)?.[1]);
  // The rest is for the process itself and for fragments between the values.
  expect(maximum).toBeLessThanOrEqual(megabytes(readComposeFile('compose.yml').services.redis!.mem_limit) * 0.7);
  expect(settings).toMatch(/^maxmemory-policy noeviction$/m);
});
