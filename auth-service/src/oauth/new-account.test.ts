import { describe, expect, it } from 'vitest';
import { newAccountOf, usernameFor } from './new-account.js';
import type { ProviderIdentity } from './providers/oauth-provider.js';

const identityWith = (fields: Partial<ProviderIdentity>): ProviderIdentity => ({
  provider: 'google',
  subject: '1',
  email: 'secret.address@example.test',
  emailVerified: true,
  isEmailAuthority: true,
  firstName: null,
  lastName: null,
  nickname: null,
  ...fields,
});

describe('the username of a new account', () => {
  it.each([
    [{ nickname: 'Ada Lovelace' }, 'Ada.Lovelace'],
    [{ nickname: 'octo-cat_9' }, 'octo-cat_9'],
    [{ firstName: 'Zoë', lastName: 'Müller' }, 'Zoe.Muller'],
    [{ nickname: '..a/b..' }, 'a.b'],
    [{ nickname: 'x'.repeat(80) }, 'x'.repeat(25)],
  ])('is made from the names of the user: %o', (fields, username) => {
    expect(usernameFor(identityWith(fields), { isTaken: false })).toBe(username);
  });

  it.each([[{}], [{ nickname: '李明' }], [{ nickname: 'Al' }]])('has digits if the names are too short: %o', (fields) => {
    const username = usernameFor(identityWith(fields), { isTaken: false });
    expect(username).toMatch(/^[A-Za-z0-9._-]{3,32}$/);
    expect(username).not.toContain('secret');
  });

  it('gets digits if it is taken, within the maximal length', () => {
    expect(usernameFor(identityWith({ nickname: 'x'.repeat(80) }), { isTaken: true })).toMatch(/^x{25}\.\d{6}$/);
  });
});

it('shortens names to the maximal length, and leaves out empty ones', () => {
  const account = newAccountOf(identityWith({ firstName: ` ${'🎈'.repeat(200)}`, lastName: '\0 ' }), 'A@example.test', 'ada');
  expect([[...account.firstName!].length, account.lastName, account.passwordHash]).toEqual([99, null, null]);
});

it('stores names in the form that registration requires, and none that could change the text around it', () => {
  const { firstName, lastName } = newAccountOf(
    identityWith({ firstName: ' Ada\n Augusta ', lastName: 'King\u202e' }),
    'A@example.test',
    'ada',
  );
  expect([firstName, lastName]).toEqual(['Ada Augusta', null]);
});
