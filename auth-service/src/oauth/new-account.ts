import { randomInt } from 'node:crypto';
import { newId } from '@chat/shared/database';
import { canonicalName } from '@chat/shared/http';
import { normaliseEmail, normaliseUsername } from '../accounts/account-names.js';
import type { ProviderIdentity } from './providers/oauth-provider.js';

const MIN_USERNAME_LENGTH = 3;
/** Leaves room for a dot and six digits. */
const MAX_STEM_LENGTH = 25;
const MAX_NAME_LENGTH = 100;

/** The fields of a new account for a user of a provider. It has no password. */
export function newAccountOf({ provider, nickname, firstName, lastName }: ProviderIdentity, email: string, username: string) {
  const now = new Date();
  return {
    id: newId(),
    email,
    emailNormalised: normaliseEmail(email),
    emailVerifiedAt: now,
    username,
    usernameNormalised: normaliseUsername(username),
    passwordHash: null,
    firstName: nameFrom(firstName ?? (lastName === null ? nickname : null)),
    lastName: nameFrom(lastName),
    provider,
    createdAt: now,
  };
}

/** A username from the user's names; with `isTaken`, one with random digits. It contains no part of the e-mail address. */
export function usernameFor({ nickname, firstName, lastName }: ProviderIdentity, { isTaken }: { isTaken: boolean }): string {
  const names = nickname ?? [firstName, lastName].filter(Boolean).join(' ');
  const stem = names
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '.')
    .slice(0, MAX_STEM_LENGTH)
    .replace(/^[._-]+|[._-]+$/g, '');
  if (stem.length >= MIN_USERNAME_LENGTH && !isTaken) return stem;
  return `${stem === '' ? 'user' : stem}.${randomInt(100_000, 1_000_000)}`;
}

function nameFrom(name: string | null): string | null {
  const text = (name ?? '').toWellFormed().replaceAll('\0', '');
  return canonicalName([...text].slice(0, MAX_NAME_LENGTH).join(''));
}
