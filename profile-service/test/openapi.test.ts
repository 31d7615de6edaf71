import { expect, it } from 'vitest';
import { buildOpenApi } from '../src/openapi.js';

it('describes every route without a database', async () => {
  const { paths } = await buildOpenApi();
  const routes = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
  expect(routes.sort()).toEqual([
    'delete /profiles/me/cover',
    'delete /profiles/me/picture',
    'get /files/{fileId}/{variant}',
    'get /profiles/me',
    'get /profiles/{userId}',
    'patch /profiles/me',
    'post /files/uploads',
    'post /files/uploads/{uploadId}/complete',
    'post /profiles',
    'post /profiles/bulk',
    'post /profiles/me/cover',
    'post /profiles/me/picture',
    'post /profiles/search',
    'put /files/uploads/{uploadId}',
    'put /profiles/me/cover',
    'put /profiles/me/picture',
  ]);
});
