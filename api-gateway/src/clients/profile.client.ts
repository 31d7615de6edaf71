import type {
  CreateUploadRequest,
  MediaAsset,
  Profile,
  RequestToken,
  SearchProfilesRequest,
  UpdateProfileRequest,
  UploadTicket,
} from '@chat/shared/contracts';
import { pathOf, ServiceClient } from '@chat/shared/http';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { GatewayConfig } from '../config.js';

/** As the paths of profile-service name them. */
type ProfileImage = 'picture' | 'cover';

const COMPLETE_TIMEOUT_MS = 25_000;

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

  search(search: SearchProfilesRequest, token: RequestToken): Promise<Profile[]> {
    return this.http.request({ method: 'POST', path: '/profiles/search', body: search, token });
  }

  update(changes: UpdateProfileRequest, token: RequestToken): Promise<Profile> {
    return this.http.request({ method: 'PATCH', path: '/profiles/me', body: changes, token });
  }

  createUpload(upload: CreateUploadRequest, token: RequestToken): Promise<UploadTicket> {
    return this.http.request({ method: 'POST', path: '/files/uploads', body: upload, token });
  }

  /** Images wait for their turn to be checked. */
  completeUpload(uploadId: string, token: RequestToken): Promise<MediaAsset> {
    const path = pathOf('files', 'uploads', uploadId, 'complete');
    return this.http.request({ method: 'POST', path, token, timeoutMs: COMPLETE_TIMEOUT_MS });
  }

  setImage(image: ProfileImage, mediaId: string, token: RequestToken): Promise<Profile> {
    return this.http.request({ method: 'PUT', path: pathOf('profiles', 'me', image), body: { mediaId }, token });
  }

  removeImage(image: ProfileImage, token: RequestToken): Promise<Profile> {
    return this.http.request({ method: 'DELETE', path: pathOf('profiles', 'me', image), token });
  }

  onApplicationShutdown(): Promise<void> {
    return this.http.close();
  }
}
