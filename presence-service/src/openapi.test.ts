import { expect, it } from 'vitest';
import { buildOpenApi } from './openapi.js';

it('every route is described without a running service', async () => {
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
