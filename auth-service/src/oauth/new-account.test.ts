import { describe, expect, it } from 'vitest';
import { newAccountOf, usernameFor } from './new-account.js';
import type { ProviderIdentity } from './providers/oauth-provider.js';

const person = (fields: Partial<ProviderIdentity>): ProviderIdentity => ({
  provider: 'google',
  subject: '1',
  email: 'secret.address@example.test',
  emailVerified: true,
  firstName: null,
  lastName: null,
  nickname: null,
  ...fields,
});

describe('a user name for somebody new', () => {
  it.each([
    [{ nickname: 'Ada Lovelace' }, 'Ada.Lovelace'],
    [{ nickname: 'octo-cat_9' }, 'octo-cat_9'],
    [{ firstName: 'Zoë', lastName: 'Müller' }, 'Zoe.Muller'],
    [{ nickname: '..a/b..' }, 'a.b'],
    [{ nickname: 'x'.repeat(80) }, 'x'.repeat(25)],
  ])('is made of what they are called: %o', (fields, username) => {
    expect(usernameFor(person(fields), { isTaken: false })).toBe(username);
  });

  it.each([[{}], [{ nickname: '李明' }], [{ nickname: 'Al' }]])('has digits where that is not enough: %o', (fields) => {
    const username = usernameFor(person(fields), { isTaken: false });
    expect(username).toMatch(/^[A-Za-z0-9._-]{3,32}$/);
    expect(username).not.toContain('secret');
  });

  it('gets digits when somebody has it, and still fits', () => {
    expect(usernameFor(person({ nickname: 'x'.repeat(80) }), { isTaken: true })).toMatch(/^x{25}\.\d{6}$/);
  });
});

it('takes names as the bounds have them', () => {
  const account = newAccountOf(person({ firstName: ` ${'🎈'.repeat(200)}`, lastName: '\0 ' }), 'A@example.test', 'ada');
  expect([[...account.firstName!].length, account.lastName, account.passwordHash]).toEqual([99, null, null]);
});
