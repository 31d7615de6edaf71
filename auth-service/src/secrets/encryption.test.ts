import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { decrypt, encrypt } from './encryption.js';

const key = randomBytes(32);
const plain = Buffer.from('the private key');
const REFUSED = /unable to authenticate/;

it('decrypts what was encrypted, and does not reveal it', () => {
  const box = encrypt(plain, key, 'kid-1');
  expect(box.includes(plain)).toBe(false);
  expect(decrypt(box, key, 'kid-1')).toEqual(plain);
  expect(encrypt(plain, key, 'kid-1')).not.toEqual(box);
});

it('rejects another key, another row, and any changed byte', () => {
  const box = encrypt(plain, key, 'kid-1');
  expect(() => decrypt(box, randomBytes(32), 'kid-1')).toThrow(REFUSED);
  expect(() => decrypt(box, key, 'kid-2')).toThrow(REFUSED);
  for (let at = 0; at < box.length; at += 1) {
    const changed = Buffer.from(box);
    changed[at]! ^= 1;
    expect(() => decrypt(changed, key, 'kid-1')).toThrow(REFUSED);
  }
});
