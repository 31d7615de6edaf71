import { expect, it } from 'vitest';
import { buildOpenApi } from '../src/openapi.js';

it('describes every route without a database', async () => {
  const { paths } = await buildOpenApi();
  const routes = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
  expect(routes.sort()).toEqual([
    'get /profiles/me',
    'get /profiles/{userId}',
    'patch /profiles/me',
    'post /profiles',
    'post /profiles/bulk',
  ]);
});
