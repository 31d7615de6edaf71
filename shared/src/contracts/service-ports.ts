import type { ServiceName } from './services.contract.js';

/** The ports on which the services listen unless PORT says otherwise. */
export const SERVICE_PORTS: Record<ServiceName, number> = {
  'api-gateway': 3000,
  'auth-service': 3001,
  'chat-service': 3002,
  'presence-service': 3003,
  'profile-service': 3004,
  'notification-service': 3005,
};
