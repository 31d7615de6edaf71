import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { FileUrls } from './file-urls.js';

const newUrls = () => new FileUrls('https://chat.example/files/profiles', generateKeyPairSync('ed25519').privateKey);
const urls = newUrls();
const NOW = Date.parse('2026-12-01T10:00:30Z');
const ID = '018f0000-0000-7000-8000-000000000001';

function queryOf(url: string) {
  const { searchParams } = new URL(url);
  return { expires: searchParams.get('expires')!, signature: searchParams.get('signature')! };
}

it('a URL is valid for up to ten minutes, and then expired', () => {
  const query = queryOf(urls.readUrl(ID, 'original', NOW));
  expect(urls.verify('read', ID, query, NOW)).toBe(570);
  expect(urls.verify('read', ID, query, NOW + 569_000)).toBe(1);
  expect(() => urls.verify('read', ID, query, NOW + 570_000)).toThrow(
    expect.objectContaining({ kind: 'forbidden', code: 'file/url-expired' }),
  );
});

it('a file has the same URL for a while, so that clients find it in their cache', () => {
  expect(urls.readUrl(ID, 'original', NOW + 29_000)).toBe(urls.readUrl(ID, 'original', NOW));
  expect(urls.readUrl(ID, 'original', NOW + 31_000)).not.toBe(urls.readUrl(ID, 'original', NOW));
});

it('a signature is valid for one use, one file and one key', () => {
  const query = queryOf(urls.readUrl(ID, 'original', NOW));
  const refused = expect.objectContaining({ kind: 'not-found' });
  expect(() => urls.verify('upload', ID, query, NOW)).toThrow(refused);
  expect(() => urls.verify('read', ID.replace('1', '2'), query, NOW)).toThrow(refused);
  expect(() => urls.verify('read', ID, { ...query, expires: String(Number(query.expires) + 1) }, NOW)).toThrow(refused);
  expect(() => urls.verify('read', ID, { ...query, signature: '' }, NOW)).toThrow(refused);
  expect(() => newUrls().verify('read', ID, query, NOW)).toThrow(refused);
});
