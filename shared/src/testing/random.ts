import { randomBytes } from 'node:crypto';

export function randomUsername(): string {
  return `u${randomBytes(8).toString('hex')}`;
}

export function randomEmail(): string {
  return `${randomUsername()}@example.test`;
}
