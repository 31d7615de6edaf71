import type { Profile, UpdateProfileRequest, RequestToken } from '@chat/shared/contracts';
import { pathOf, ServiceClient } from '@chat/shared/http';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { GatewayConfig } from '../config.js';

@Injectable()
export class ProfileClient implements OnApplicationShutdown {
  private readonly http: ServiceClient;

  constructor(config: GatewayConfig) {
    this.http = new ServiceClient({ baseUrl: config.profileServiceUrl, serviceName: 'profile-service' });
  }

  getMine(token: RequestToken): Promise<Profile> {
    return this.http.request({ method: 'GET', path: '/profiles/me', token });
  }

  get(userId: string, token: RequestToken): Promise<Profile> {
    return this.http.request({ method: 'GET', path: pathOf('profiles', userId), token });
  }

  /** At most 1,000 ids; the result has their order, and null for an unknown id. */
  async getMany(userIds: string[], token: RequestToken): Promise<(Profile | null)[]> {
    if (userIds.length === 0) return [];
    return this.http.request({ method: 'POST', path: '/profiles/bulk', body: { userIds }, token });
  }

  update(changes: UpdateProfileRequest, token: RequestToken): Promise<Profile> {
    return this.http.request({ method: 'PATCH', path: '/profiles/me', body: changes, token });
  }

  onApplicationShutdown(): Promise<void> {
    return this.http.close();
  }
}
