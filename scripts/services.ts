import type { WantedPort } from './processes/ports.ts';

export type ServiceName = 'auth-service' | 'chat-service' | 'presence-service' | 'profile-service' | 'notification-service' | 'api-gateway';

export interface ServiceDefinition {
  name: ServiceName;
  port: number;
  /** The environment variable of `npm start` that chooses another port. */
  portVariable: string;
  /** Schema in the database; its login role is `<schema>_service`. The service's address is known to the others as `<SCHEMA>_SERVICE_URL`. */
  schema?: string;
}

/** The six services: the one list that start, tests and generators read. */
export const SERVICES: readonly ServiceDefinition[] = [
  { name: 'auth-service', port: 3001, portVariable: 'CHAT_AUTH_PORT', schema: 'auth' },
  { name: 'chat-service', port: 3002, portVariable: 'CHAT_CHAT_PORT', schema: 'chat' },
  { name: 'presence-service', port: 3003, portVariable: 'CHAT_PRESENCE_PORT', schema: 'presence' },
  { name: 'profile-service', port: 3004, portVariable: 'CHAT_PROFILE_PORT', schema: 'profile' },
  { name: 'notification-service', port: 3005, portVariable: 'CHAT_NOTIFICATION_PORT', schema: 'notification' },
  { name: 'api-gateway', port: 3000, portVariable: 'CHAT_GATEWAY_PORT' },
];

/** The packages of the product, in the order in which they are tested. */
export const WORKSPACES = ['shared', 'testkit', ...SERVICES.map(({ name }) => name), 'setup'];

/** Those with a schema of their own. */
export const DATABASE_SERVICES = SERVICES.flatMap(({ name, schema }) => (schema ? [{ name, schema }] : []));

export const roleOf = (schema: string): string => `${schema}_service`;

/** Metrics have a port of their own, this much above the service's. */
const METRICS_OFFSET = 6000;

type PortName = ServiceName | `${ServiceName} metrics` | 'send';
export type ServicePorts = Record<PortName, number>;

export const SERVICE_PORTS = Object.fromEntries<WantedPort>([
  ...SERVICES.flatMap(({ name, port, portVariable: variable }): [string, WantedPort][] => [
    [name, { name, port, variable }],
    [`${name} metrics`, { name: `${name}'s metrics (port + ${METRICS_OFFSET})`, port, variable, offset: METRICS_OFFSET }],
  ]),
  ['send', { name: 'sends to chat-service', port: 8002, variable: 'CHAT_SEND_PORT' }],
]) as Record<PortName, WantedPort>;
