import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestProfileService } from './kit/profile-service.js';

let profiles: TestProfileService;

beforeAll(async () => {
  profiles = await TestProfileService.start();
});
afterAll(() => profiles?.stop());

/** A word that no other test has. */
const word = () => `w${randomUUID().slice(0, 8)}`;

async function search(userId: string, query: string, limit?: number): Promise<any[]> {
  const { status, body } = await profiles.ask(userId, 'POST', '/profiles/search', { query, ...(limit === undefined ? {} : { limit }) });
  if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`);
  return body;
}
const idsFound = async (userId: string, query: string, limit?: number) => (await search(userId, query, limit)).map((found) => found.userId);
/** Waits until no changed names wait for the index. */
const indexed = () => eventually(async () => (await profiles.dataSource.query('select 1 from profile_search_changes')).length === 0);
const block = async (userId: string, blockedUserId: string) =>
  profiles.waitUntilConsumed(await profiles.publishBlocked(userId, blockedUserId));

describe('a search', () => {
  it('finds users by the beginning of each name and by later words, prefixes first', async () => {
    const name = word();
    const me = await profiles.createUser();
    const later = await profiles.createUser({ firstName: `Anna ${name}` });
    const prefix = await profiles.createUser({ lastName: `${name}son`, firstName: 'Zoë' });
    const exact = await profiles.createUser({ firstName: name });
    const { userId: byUsername } = profiles.addAccount({ username: `${name}_x`.slice(0, 32) });
    await profiles.ask(byUsername, 'GET', '/profiles/me');
    await profiles.createUser({ firstName: `x${name}` });
    await indexed();
    expect(await idsFound(me, name.toUpperCase())).toEqual([exact, byUsername, prefix, later]);
    expect(await idsFound(me, `zoe  ${name}`)).toEqual([prefix]);
    expect(await idsFound(me, name, 2)).toEqual([exact, byUsername]);
  });

  it('takes wildcards and one character as they are', async () => {
    const name = word();
    const me = await profiles.createUser();
    const percent = await profiles.createUser({ firstName: `%_\\${name}` });
    await indexed();
    expect(await idsFound(me, `%_\\${name}`)).toEqual([percent]);
    for (const query of [`${name[0]}%${name.slice(2)}`, `%${name}`, `_${name}`]) expect(await idsFound(me, query)).toEqual([]);
    expect(await idsFound(me, '%')).toContain(percent);
  });

  it('finds private profiles for their owner and contacts only, and shows no private field', async () => {
    const name = word();
    const [me, stranger] = [await profiles.createUser(), await profiles.createUser()];
    const hidden = await profiles.createUser({ firstName: name, isPublic: false, phoneNumber: '112', birthDate: '1990-01-01' });
    await profiles.waitUntilConsumed(await profiles.publishConversation([me, hidden]));
    await indexed();
    expect(await idsFound(stranger, name)).toEqual([]);
    expect(await idsFound(hidden, name)).toEqual([hidden]);
    expect(await search(me, name)).toMatchObject([{ userId: hidden, firstName: name, phoneNumber: null, birthDate: null }]);
  });

  it('finds a private contact among many private profiles that begin in the same way', async () => {
    const name = word();
    const me = await profiles.createUser();
    const contact = await profiles.createUser({ firstName: `${name}z`, isPublic: false });
    await profiles.waitUntilConsumed(await profiles.publishConversation([me, contact]));
    await profiles.dataSource.query(
      `insert into profiles (id, user_id, username, first_name, is_public, created_at, updated_at)
         select gen_random_uuid(), gen_random_uuid(), 'many', $1 || n, false, now(), now() from generate_series(1, 600) n`,
      [name],
    );
    await indexed();
    expect(await idsFound(me, name)).toEqual([contact]);
  });

  it('hides a profile, and a former name, from the answer to the change on', async () => {
    const [name, after] = [word(), word()];
    const me = await profiles.createUser();
    const user = await profiles.createUser({ firstName: name });
    await indexed();
    const lock = profiles.dataSource.createQueryRunner();
    // The index stays behind.
    await lock.startTransaction();
    await lock.query('lock table profile_search_terms in exclusive mode');
    try {
      await profiles.ask(user, 'PATCH', '/profiles/me', { firstName: after });
      expect(await idsFound(me, name)).toEqual([]);
      await profiles.ask(user, 'PATCH', '/profiles/me', { firstName: name, isPublic: false });
      expect(await idsFound(me, name)).toEqual([]);
    } finally {
      await lock.rollbackTransaction();
      await lock.release();
    }
    await profiles.ask(user, 'PATCH', '/profiles/me', { firstName: after, isPublic: true });
    await indexed();
    expect(await idsFound(me, after)).toEqual([user]);
    expect(await idsFound(me, name)).toEqual([]);
  });

  it('does not find users of which one has blocked the other, until the end of the block', async () => {
    const name = word();
    const [me, other] = [await profiles.createUser({ firstName: name }), await profiles.createUser({ firstName: `${name}x` })];
    await profiles.ask(other, 'PATCH', '/profiles/me', { isPublic: false });
    await profiles.waitUntilConsumed(await profiles.publishConversation([me, other]));
    await indexed();
    expect(await idsFound(me, name)).toEqual([me, other]);
    await block(other, me);
    expect(await idsFound(me, name)).toEqual([me]);
    expect(await idsFound(other, name)).toEqual([other]);
    await profiles.ask(other, 'PATCH', '/profiles/me', { isPublic: true });
    await indexed();
    expect(await idsFound(me, name)).toEqual([me]);
    await profiles.waitUntilConsumed(await profiles.publishUnblocked(other, me));
    expect(await idsFound(me, name)).toEqual([me, other]);
  });

  it('does not find a deleted user, and keeps nothing of it', async () => {
    const name = word();
    const [me, user] = [await profiles.createUser(), await profiles.createUser({ firstName: name })];
    await block(user, me);
    await indexed();
    await profiles.waitUntilConsumed(await profiles.publishDeleted(user));
    expect(await idsFound(me, name)).toEqual([]);
    expect(await profiles.dataSource.query('select 1 from profile_search_terms where user_id = $1', [user])).toEqual([]);
    expect(await profiles.dataSource.query('select 1 from blocks where user_id = $1', [user])).toEqual([]);
  });

  it('finds profiles that the build before has changed', async () => {
    const name = word();
    const [me, user] = [await profiles.createUser(), await profiles.createUser()];
    await profiles.dataSource.query('update profiles set last_name = $1 where user_id = $2', [name, user]);
    await eventually(async () => expect(await idsFound(me, name)).toEqual([user]));
  });

  it.each([
    ['nothing', { query: '' }],
    ['nothing visible', { query: ' \u200b' }],
    ['101 characters', { query: 'x'.repeat(101) }],
    ['NUL', { query: 'a\0' }],
    ['51 users', { query: 'a', limit: 51 }],
    ['no user', { query: 'a', limit: 0 }],
    ['a list', { query: ['a'] }],
  ])('is BAD_USER_INPUT for %s', async (_, request) => {
    const me = await profiles.createUser();
    expect(await profiles.ask(me, 'POST', '/profiles/search', request)).toMatchObject({ status: 400, body: { code: 'BAD_USER_INPUT' } });
  });
});
