import type { Presence, PresenceStatus, RequestToken } from '@chat/shared/contracts';
import { pathOf, ServiceClient } from '@chat/shared/http';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { GatewayConfig } from '../config.js';

@Injectable()
export class PresenceClient implements OnApplicationShutdown {
  private readonly http: ServiceClient;

  constructor(config: GatewayConfig) {
    this.http = new ServiceClient({ baseUrl: config.presenceServiceUrl, serviceName: 'presence-service' });
  }

  get(userId: string, token: RequestToken): Promise<Presence> {
    return this.http.request({ method: 'GET', path: pathOf('presence', 'user', userId), token });
  }

  /** At most 500 ids; the result has their order. */
  async getMany(userIds: string[], token: RequestToken): Promise<Presence[]> {
    if (userIds.length === 0) return [];
    return this.http.request({ method: 'POST', path: '/presence/bulk', body: { userIds }, token });
  }

  update(status: PresenceStatus, token: RequestToken): Promise<Presence> {
    return this.http.request({ method: 'POST', path: '/presence/update', body: { status }, token });
  }

  heartbeat(token: RequestToken): Promise<Presence> {
    return this.http.request({ method: 'POST', path: '/presence/heartbeat', token });
  }

  onApplicationShutdown(): Promise<void> {
    return this.http.close();
  }
}
