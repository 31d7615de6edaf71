import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';

let kit: GatewayKit;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit?.stop());

it('serves the playground to browsers, with all files that it loads', async () => {
  const answer = await fetch(kit.url, { headers: { accept: 'text/html,application/xhtml+xml' } });
  expect(answer.status).toBe(200);
  const page = await answer.text();
  const assets = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path as string);
  expect(assets.length).toBeGreaterThan(4);
  for (const path of assets) expect((await fetch(kit.gateway.url + path)).status, path).toBe(200);
  expect(page).not.toMatch(/https?:\/\//);
});

it('redirects / to the playground; without the playground, / says what this is and where the documentation is', async () => {
  const home = await fetch(`${kit.gateway.url}/`, { redirect: 'manual' });
  expect([home.status, home.headers.get('location')]).toEqual([302, '/graphql']);
  const page = await fetch(`${kit.gateway.url}/`, { headers: { accept: 'text/html' } });
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  const withoutPlayground = await GatewayKit.start({ GRAPHQL_PLAYGROUND: 'false' });
  try {
    const answer = await fetch(`${withoutPlayground.gateway.url}/`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    const text = await answer.text();
    expect(text).toContain('POST /graphql');
    const documents = text.match(/[\w./-]+\.(md|graphql)\b/g) ?? [];
    expect(documents).toContain('docs/operations.md');
    expect(documents.filter((file) => !existsSync(path.join(import.meta.dirname, '../..', file)))).toEqual([]);
  } finally {
    await withoutPlayground.stop();
  }
});

it('answers /favicon.ico, which browsers ask for by themselves', async () => {
  const answer = await fetch(`${kit.gateway.url}/favicon.ico`);
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([204, 'public, max-age=86400']);
});
