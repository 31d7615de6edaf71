import { afterAll, expect, it } from 'vitest';
import { gateway } from './kit/gateway.ts';
import { TestUser } from '@chat/testkit/user';
import { eventually } from '@chat/shared/testing';

const client = gateway();
afterAll(() => client.close());

it('creates a profile at registration, and shows changes to other users', async () => {
  const [ada, ben] = await Promise.all([TestUser.register(client, 'ada', { firstName: 'Ada' }), TestUser.register(client, 'ben')]);
  expect((await ada.mustAsk('{ getMyProfile { userId username firstName isPublic } }')).getMyProfile).toEqual({
    userId: ada.userId,
    username: ada.username,
    firstName: 'Ada',
    isPublic: true,
  });
  await ada.mustAsk('mutation { updateProfile(bio: "Counts things", location: "London") { bio } }');
  const seen = (await ben.mustAsk('query ($id: String!) { getProfile(userId: $id) { bio location } }', { id: ada.userId })).getProfile;
  expect(seen).toEqual({ bio: 'Counts things', location: 'London' });
  const unknown = '00000000-0000-7000-8000-000000000000';
  const many = (await ben.mustAsk('query ($ids: [String!]!) { getProfiles(userIds: $ids) { userId } }', { ids: [unknown, ada.userId] }))
    .getProfiles;
  expect(many).toEqual([null, { userId: ada.userId }]);
});

it('delivers changes of a profile as far as a user may see them', async () => {
  const [ada, ben] = await Promise.all([TestUser.register(client, 'ada', { firstName: 'Ada' }), TestUser.register(client, 'ben')]);
  const query = 'subscription ($ids: [String!]!) { profileChanged(userIds: $ids) { userId firstName bio phoneNumber isPublic } }';
  const [seenByBen, seenByAda] = [ben, ada].map((user) => user.subscribe(query, { ids: [ada.userId] }));
  let n = 0;
  // A subscription has no acknowledgement.
  await eventually(async () => {
    await ada.mustAsk('mutation ($bio: String) { updateProfile(bio: $bio) { userId } }', { bio: `started ${n++}` });
    return seenByBen!.items.length > 0 && seenByAda!.items.length > 0;
  });
  await ada.mustAsk('mutation { updateProfile(bio: "Counts", phoneNumber: "112") { userId } }');
  await seenByBen!.waitFor((profile: any) => profile.bio === 'Counts' && profile.phoneNumber === null, 'the public fields');
  await seenByAda!.waitFor((profile: any) => profile.bio === 'Counts' && profile.phoneNumber === '112', 'all fields for the owner');
  await ada.mustAsk('mutation { updateProfile(isPublic: false) { userId } }');
  await seenByBen!.waitFor((profile: any) => !profile.isPublic && profile.firstName === null && profile.bio === null, 'the hidden profile');
  expect(JSON.stringify(seenByBen!.items)).not.toContain('112');
  await Promise.all([seenByBen!.close(), seenByAda!.close()]);
});

it('finds users by their names, private ones only by their contacts', async () => {
  const ada = await TestUser.register(client, 'ada', { firstName: 'Zoë', lastName: 'Ωmega' });
  const [ben, clara] = await Promise.all([TestUser.register(client, 'ben'), TestUser.register(client, 'clara')]);
  const search = 'query ($query: String!) { searchUsers(query: $query) { userId phoneNumber birthDate } }';
  const finds = async (user: TestUser, query: string) =>
    (await user.mustAsk(search, { query })).searchUsers.some(({ userId }: { userId: string }) => userId === ada.userId);
  for (const query of [ada.username, 'ZOE ωm', 'ωmega zoe']) await eventually(async () => expect(await finds(ben, query)).toBe(true));
  expect(await finds(ben, `${ada.username}@`)).toBe(false);
  await ada.mustAsk('mutation { updateProfile(isPublic: false, phoneNumber: "112") { userId } }');
  expect(await finds(ben, ada.username)).toBe(false);
  await ada.mustAsk('mutation ($input: CreateMessageInput!) { sendMessage(input: $input) { id } }', {
    input: { receiverId: clara.userId, content: 'hello' },
  });
  await eventually(async () => expect(await finds(clara, ada.username)).toBe(true));
  expect((await clara.mustAsk(search, { query: ada.username })).searchUsers).toMatchObject([{ phoneNumber: null, birthDate: null }]);
  await ada.mustAsk('mutation ($id: ID!) { blockUser(userId: $id) }', { id: clara.userId });
  await eventually(async () => expect(await finds(clara, ada.username)).toBe(false));
});

it('shows a user as ONLINE while a socket is open', async () => {
  const [ada, ben] = await Promise.all([TestUser.register(client, 'ada'), TestUser.register(client, 'ben')]);
  const watch = ben.subscribe('subscription ($ids: [String!]!) { presenceChanged(userIds: $ids) { userId status } }', {
    ids: [ada.userId],
  });
  await watch.waitFor((p: any) => p.userId === ada.userId && p.status === 'OFFLINE', 'the first state');
  const adasEvents = await ada.events();
  await watch.waitFor((p: any) => p.status === 'ONLINE', 'ONLINE');
  await ada.mustAsk('mutation { updatePresence(input: { status: BUSY }) { status } }');
  await watch.waitFor((p: any) => p.status === 'BUSY', 'BUSY');
  expect((await ben.mustAsk('query ($id: String!) { getPresence(userId: $id) { status } }', { id: ada.userId })).getPresence.status).toBe(
    'BUSY',
  );
  await adasEvents.close();
  // A reconnect within 10 s is no change.
  await watch.until(() => (watch.items.at(-1) as any).status === 'OFFLINE', 'OFFLINE after the grace', 40_000);
  await watch.close();
});

it('rotates refresh tokens, and revokes a session everywhere at logout', async () => {
  const ada = await TestUser.register(client, 'ada');
  const refresh = (refreshToken: string) =>
    client.ask('mutation ($input: RefreshTokenInput!) { refreshToken(input: $input) { accessToken refreshToken } }', {
      input: { refreshToken },
    });
  const next = (await refresh(ada.refreshToken)).data?.['refreshToken'];
  expect(next.refreshToken).not.toBe(ada.refreshToken);
  ada.accessToken = next.accessToken;
  expect((await ada.mustAsk('{ me { username } }')).me.username).toBe(ada.username);

  const events = await ada.events();
  await ada.mustAsk('mutation { logout }');
  await eventually(() => expect(events.ended).toContain('4403'));
  await eventually(async () => expect((await ada.ask('{ getMyProfile { id } }')).errors[0]?.code).toBe('UNAUTHENTICATED'));
  for (const bad of [next.refreshToken, '', 'nonsense', 'x'.repeat(1000), 'x\u0000']) {
    expect((await refresh(bad)).errors[0]?.code, bad).toBe('UNAUTHENTICATED');
  }
});
