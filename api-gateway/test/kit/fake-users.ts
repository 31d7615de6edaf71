import type { Presence, Profile } from '@chat/shared/contracts';
import { randomUUID } from 'node:crypto';
import type { Routes } from './fake-http-server.js';

/** profile-service and presence-service in memory. */
export class FakeUsers {
  readonly profiles = new Map<string, Profile>();
  readonly presences = new Map<string, Presence>();

  /** The bodies of the searches; each finds the user with this user name. */
  readonly searches: Record<string, unknown>[] = [];

  readonly routes: Routes = {
    'POST /profiles/bulk': ({ body }) => body.userIds.map((id: string) => this.profiles.get(id) ?? null),
    'POST /profiles/search': ({ body }) => {
      this.searches.push(body);
      return [...this.profiles.values()].filter(({ username }) => username === body.query);
    },
    'GET /profiles/me': ({ userId }) => this.profiles.get(userId ?? '') ?? this.addProfile(userId ?? ''),
    'POST /presence/bulk': ({ body }) =>
      body.userIds.map((id: string) => this.presences.get(id) ?? { userId: id, status: 'OFFLINE', lastSeenAt: null }),
  };

  addProfile(userId: string): Profile {
    const now = new Date().toISOString();
    const empty = { firstName: null, lastName: null, bio: null, location: null, website: null, phoneNumber: null, birthDate: null };
    const username = `user-${userId.slice(0, 8)}`;
    const profile = {
      id: randomUUID(),
      userId,
      username,
      ...empty,
      profilePicture: null,
      coverImage: null,
      isPublic: true,
      createdAt: now,
      updatedAt: now,
    };
    this.profiles.set(userId, profile);
    return profile;
  }
}
