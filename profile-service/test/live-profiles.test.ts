import type { LiveProfile } from '@chat/shared/contracts';
import { channels } from '@chat/shared/realtime';
import { eventually, testInfra } from '@chat/shared/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { LIVE_REDIS } from '../src/profiles/live-profiles.js';
import { TestProfileService } from './kit/profile-service.js';
import { image, TestUploads } from './kit/uploads.js';

let profiles: TestProfileService;
let redis: Redis;
let messages: LiveProfile[] = [];

beforeAll(async () => {
  profiles = await TestProfileService.start();
  redis = new Redis(testInfra().redisUrl);
  redis.on('message', (_, text) => messages.push(JSON.parse(text)));
});
afterAll(async () => {
  redis?.disconnect();
  await profiles?.stop();
});
beforeEach(() => {
  messages = [];
});

async function watched(changes: Record<string, unknown> = {}): Promise<string> {
  const userId = await profiles.createUser(changes);
  await redis.subscribe(channels.profile(userId));
  return userId;
}
const lastOf = (userId: string) => messages.filter(({ profile }) => profile.userId === userId).at(-1);

it('each change of a profile is published, without private fields', async () => {
  const userId = await watched();
  await profiles.ask(userId, 'PATCH', '/profiles/me', { bio: 'Counts', phoneNumber: '112', birthDate: '1990-01-01' });
  await eventually(() =>
    expect(lastOf(userId)).toMatchObject({ isPublic: true, profile: { bio: 'Counts', phoneNumber: null, birthDate: null } }),
  );
  const asset = await new TestUploads(profiles).upload(userId, await image());
  await profiles.ask(userId, 'PUT', '/profiles/me/picture', { mediaId: asset.id });
  await eventually(() => expect(lastOf(userId)).toMatchObject({ profile: { profilePicture: { id: asset.id } } }));
  await profiles.ask(userId, 'PATCH', '/profiles/me', { isPublic: false });
  await eventually(() => expect(lastOf(userId)).toMatchObject({ isPublic: false, profile: { bio: null, profilePicture: null } }));
  expect(JSON.stringify(messages)).not.toMatch(/112|1990-01-01/);
});

it('what changes nothing is not published', async () => {
  const userId = await watched({ bio: 'same' });
  await profiles.ask(userId, 'PATCH', '/profiles/me', { bio: 'same' });
  await profiles.ask(userId, 'DELETE', '/profiles/me/cover');
  await profiles.ask(userId, 'PATCH', '/profiles/me', { bio: 'other' });
  await eventually(() => expect(lastOf(userId)?.profile.bio).toBe('other'));
  expect(new Set(messages.map(({ profile }) => profile.updatedAt)).size).toBeLessThanOrEqual(2);
});

it('what changed while Redis was unavailable is published when it is available again, as it is then', async () => {
  const userId = await watched();
  const connection = profiles.service.app.get<Redis>(LIVE_REDIS);
  connection.disconnect();
  await profiles.ask(userId, 'PATCH', '/profiles/me', { bio: 'first' });
  await profiles.ask(userId, 'PATCH', '/profiles/me', { bio: 'second' });
  await connection.connect();
  await eventually(() => expect(lastOf(userId)?.profile.bio).toBe('second'));
});

it('each state is later than the one before, also if the clock of this process is behind', async () => {
  const userId = await watched();
  await profiles.dataSource.query(`update profiles set updated_at = now() + interval '1 hour' where user_id = $1`, [userId]);
  const before = (await profiles.ask(userId, 'GET', '/profiles/me')).body.updatedAt;
  const after = (await profiles.ask(userId, 'PATCH', '/profiles/me', { bio: 'later' })).body.updatedAt;
  expect(after > before).toBe(true);
});
