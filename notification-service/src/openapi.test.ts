import { expect, it } from 'vitest';
import { buildOpenApi } from './openapi.js';

it('the REST API is described without a running service', async () => {
  const { paths, components } = await buildOpenApi();
  expect(Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))).toEqual([
    'post /feed/end-position',
    'post /feed/replay',
    'get /notifications',
    'get /notifications/unread-count',
    'patch /notifications/{id}/read',
    'post /notifications/mark-all-read',
    'delete /notifications/{id}',
  ]);
  expect(components?.schemas).toHaveProperty('NotificationPageView');
});
