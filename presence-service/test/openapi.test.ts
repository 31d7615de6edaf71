import { expect, it } from 'vitest';
import { buildOpenApi } from '../src/openapi.js';

it('describes every route without anything running', async () => {
  const { paths } = await buildOpenApi();
  const routes = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
  expect(routes.sort()).toEqual([
    'get /presence/me',
    'get /presence/user/{userId}',
    'post /presence/bulk',
    'post /presence/heartbeat',
    'post /presence/offline',
    'post /presence/update',
  ]);
});
