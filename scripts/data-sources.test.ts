import path from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './paths.ts';
import { DATABASE_SERVICES } from './services.ts';

it.each(DATABASE_SERVICES)(
  '`npm run migrate` finds the data source of $name: the only function of its data-source.ts',
  async ({ name }) => {
    const exported = (await import(path.join(ROOT, name, 'src/data-source.ts'))) as Record<string, unknown>;
    expect(Object.keys(exported).filter((one) => typeof exported[one] === 'function')).toEqual([expect.stringMatching(/DataSource$/)]);
  },
);
