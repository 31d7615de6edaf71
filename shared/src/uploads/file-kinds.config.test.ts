import { expect, it } from 'vitest';
import { loadConfig } from '../config/index.js';
import { MEDIA_KINDS } from '../contracts/index.js';
import { FileKindsConfig } from './file-kinds.config.js';

const MB = 2 ** 20;

it('without settings, every kind has its types and its size', () => {
  const config = loadConfig(FileKindsConfig, {});
  const sizes = MEDIA_KINDS.map((kind) => config.limitsOf(kind).maxBytes / MB);
  expect(sizes).toEqual([10, 100, 25, 25, 25]);
  for (const kind of MEDIA_KINDS) expect(config.limitsOf(kind).types.length).toBeGreaterThan(2);
});

it('types and sizes are chosen for each kind', () => {
  const config = loadConfig(FileKindsConfig, { FILES_DOCUMENT_TYPES: 'application/pdf, text/plain', FILES_MAX_DOCUMENT_MB: '3' });
  expect(config.limitsOf('DOCUMENT')).toEqual({ types: ['application/pdf', 'text/plain'], maxBytes: 3 * MB });
});

it.each(['text/html', 'image/svg+xml', 'image/heic', 'application/pdf', 'constructor'])(
  'a service does not start with %s as an image',
  (type) =>
    expect(() => loadConfig(FileKindsConfig, { FILES_IMAGE_TYPES: `image/jpeg,${type}` })).toThrow(`FILES_IMAGE_TYPES has "${type}"`),
);
