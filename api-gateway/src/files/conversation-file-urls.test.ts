import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import type { GatewayConfig } from '../config.js';
import { ConversationFileUrls } from './conversation-file-urls.js';

const [ADA, BEN, FILE, OTHER] = ['a', 'b', 'c', 'd'].map((digit) => `0199a7a2-0000-7000-8000-${digit.repeat(12)}`) as [
  string,
  string,
  string,
  string,
];
const config = () =>
  ({
    files: { publicUrl: 'https://chat.example' },
    internalIssuer: { signingKey: generateKeyPairSync('ed25519').privateKey },
  }) as GatewayConfig;
const urls = new ConversationFileUrls(config());
const NOW = Date.UTC(2026, 10, 22, 12, 0, 30);

const queryOf = (url: string) => Object.fromEntries(new URL(url).searchParams) as { user: string; expires: string; signature: string };

it('a URL is valid for its user and file for ten minutes, and the same for a minute', () => {
  const url = urls.urlFor(ADA, { fileId: FILE, variant: 'original' }, NOW);
  expect(url).toMatch(new RegExp(`^https://chat.example/files/chat/${FILE}/original\\?user=${ADA}&expires=\\d+&signature=`));
  expect(urls.urlFor(ADA, { fileId: FILE, variant: 'original' }, NOW + 29_000)).toBe(url);
  expect(urls.verify(FILE, queryOf(url), NOW)).toBe(570);
  expect(urls.verify(FILE, queryOf(urls.urlFor(ADA, { fileId: FILE, variant: 'medium' }, NOW)), NOW + 569_000)).toBe(1);
  expect(() => urls.verify(FILE, queryOf(url), NOW + 570_000)).toThrow(expect.objectContaining({ kind: 'forbidden' }));
});

it('a URL with another user, file, time or key is of no file', () => {
  const query = queryOf(urls.urlFor(ADA, { fileId: FILE, variant: 'original' }, NOW));
  const notFound = expect.objectContaining({ kind: 'not-found' });
  expect(() => urls.verify(FILE, { ...query, user: BEN }, NOW)).toThrow(notFound);
  expect(() => urls.verify(OTHER, query, NOW)).toThrow(notFound);
  expect(() => urls.verify(FILE, { ...query, expires: `${Number(query.expires) + 60}` }, NOW)).toThrow(notFound);
  expect(() => urls.verify(FILE, { ...query, signature: '' }, NOW)).toThrow(notFound);
  expect(() => new ConversationFileUrls(config()).verify(FILE, query, NOW)).toThrow(notFound);
});
