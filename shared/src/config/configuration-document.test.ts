import { expect, it } from 'vitest';
import { configurationDocument } from './configuration-document.js';
import { Env, type RateLimit } from './index.js';

class OneConfig {
  @Env({ name: 'PORT', type: 'int', default: 3001, description: 'Port' })
  port: number;

  @Env({ name: 'RATE_LIMIT_LOGIN', type: 'rateLimit', default: '10/60', description: 'Logins' })
  login: RateLimit;

  @Env({ name: 'SECRET', type: 'secret', description: 'Secret' })
  secret: string;
}

class OtherConfig {
  @Env({ name: 'PORT', type: 'int', default: 3002, description: 'Port' })
  port: number;
}

it('lists every variable once, with its default in each service, the rate limits first', () => {
  const lines = configurationDocument({ one: OneConfig, other: OtherConfig })
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  expect(lines).toEqual([
    '| `RATE_LIMIT_LOGIN` | 10/60 | one | Logins |',
    '| `PORT` | one 3001, other 3002 | all | Port |',
    '| `SECRET` or `…_FILE` | none: must be set | one | Secret |',
  ]);
});
