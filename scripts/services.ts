/** The six services: the one list that start, tests and generators read. */
export interface ServiceDefinition {
  name: ServiceName;
  port: number;
  /** The environment variable of `npm start` that chooses another port. */
  portVariable: string;
  /** The variable that gives this service's address to the others. */
  urlVariable?: string;
  /** Schema in the database; its login role is `<schema>_service`. */
  schema?: string;
}

export type ServiceName = 'auth-service' | 'chat-service' | 'presence-service' | 'profile-service' | 'notification-service' | 'api-gateway';

export const SERVICES: readonly ServiceDefinition[] = [
  { name: 'auth-service', port: 3001, portVariable: 'CHAT_AUTH_PORT', urlVariable: 'AUTH_SERVICE_URL', schema: 'auth' },
  { name: 'chat-service', port: 3002, portVariable: 'CHAT_CHAT_PORT', urlVariable: 'CHAT_SERVICE_URL', schema: 'chat' },
  { name: 'presence-service', port: 3003, portVariable: 'CHAT_PRESENCE_PORT', urlVariable: 'PRESENCE_SERVICE_URL', schema: 'presence' },
  { name: 'profile-service', port: 3004, portVariable: 'CHAT_PROFILE_PORT', urlVariable: 'PROFILE_SERVICE_URL', schema: 'profile' },
  {
    name: 'notification-service',
    port: 3005,
    portVariable: 'CHAT_NOTIFICATION_PORT',
    urlVariable: 'NOTIFICATION_SERVICE_URL',
    schema: 'notification',
  },
  { name: 'api-gateway', port: 3000, portVariable: 'CHAT_GATEWAY_PORT' },
];

/** Metrics have a port of their own, this much above the service's. */
export const METRICS_PORT_OFFSET = 6000;

/** chat-service receives sends on a second port. */
export const SEND_PORT = { port: 8002, portVariable: 'CHAT_SEND_PORT' };

export const roleOf = (schema: string): string => `${schema}_service`;
