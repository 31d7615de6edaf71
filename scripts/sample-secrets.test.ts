import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type ConfigClass, type ConfigError, describeConfig, loadConfig } from '@chat/shared/config';
import { expect, it } from 'vitest';
import { isSampleSecret } from '../shared/src/config/sample-secrets.ts';
import { ROOT } from './paths.ts';
import { SERVICES } from './services.ts';

it.each([...SERVICES.map(({ name }) => name), 'setup'])(
  'in production, %s does not start with a sample value of any secret',
  async (name) => {
    const exported = Object.values((await import(path.join(ROOT, name, 'src/config.ts'))) as Record<string, ConfigClass>);
    const config = exported.find((one) => typeof one === 'function' && describeConfig(one).length > 0)!;
    const secrets = describeConfig(config).filter(({ secret }) => secret);
    expect(secrets.length).toBeGreaterThan(1);
    for (const { name: variable } of secrets) {
      const value = variable.endsWith('_URL') ? 'redis://user:changeme@host:1/chat' : 'changeme-changeme-changeme-changeme';
      let problems: string[] = [];
      try {
        loadConfig(config, { NODE_ENV: 'production', [variable]: value });
      } catch (error) {
        ({ problems } = error as ConfigError);
      }
      expect(problems).toContainEqual(expect.stringMatching(new RegExp(`^${variable} is a sample value`)));
    }
  },
);

it('the passwords in infra/ and in the examples are known as samples', () => {
  const text = ['infra/compose.yml', 'compose.yml', 'infra/README.md', '.env.example']
    .map((file) => readFileSync(path.join(ROOT, file), 'utf8'))
    .join('\n');
  const defaults = [...text.matchAll(/\$\{\w*PASSWORD:-([^}]+)\}/g)].map(([, value = '']) => value);
  const inAddresses = [...text.matchAll(/\b[a-z]+:\/\/[\w-]+:([\w-]+)@/g)].map(([, value = '']) => value);
  expect(defaults).toContain('chat-on-this-machine');
  expect([...defaults, ...inAddresses].filter((value) => !isSampleSecret(value))).toEqual([]);
});
