import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';

let kit: GatewayKit;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit?.stop());

const SEARCH = 'query ($query: String!, $limit: Int) { searchUsers(query: $query, limit: $limit) { userId username } }';

it('a search for users is one request to profile-service, by default for 20 users', async () => {
  const { userId, token } = await kit.createUser();
  const { username } = kit.services.users.addProfile(userId);
  expect(await kit.ask(SEARCH, { query: username }, token)).toMatchObject({ errors: [], data: { searchUsers: [{ userId, username }] } });
  expect((await kit.ask(SEARCH, { query: ' %_\\', limit: 50 }, token)).data.searchUsers).toEqual([]);
  expect(kit.services.users.searches).toEqual([
    { query: username, limit: 20 },
    { query: ' %_\\', limit: 50 },
  ]);
});

it('bad arguments are BAD_USER_INPUT, and a user that is not signed in is UNAUTHENTICATED', async () => {
  const { token } = await kit.createUser();
  const before = kit.services.users.searches.length;
  const bad = [
    { query: '' },
    { query: 'x'.repeat(101) },
    { query: 'a\0' },
    { query: '\ud800' },
    { query: 'x', limit: 0 },
    { query: 'x', limit: 51 },
  ];
  for (const variables of bad) {
    const { errors } = await kit.ask(SEARCH, variables, token);
    expect(errors, JSON.stringify(variables)).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  }
  expect((await kit.ask(SEARCH, { query: 'x' })).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  expect(kit.services.users.searches).toHaveLength(before);
});
