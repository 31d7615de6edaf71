import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { runInContext } from './work-context.js';
import { createLogger } from './logger.js';

function capture(level = 'info') {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  return { logger: createLogger('sample', level, stream), lines };
}

describe('createLogger', () => {
  it('writes one JSON line for each event, with the correlation id, whatever the fields contain', () => {
    const { logger, lines } = capture();
    runInContext({ correlationId: 'c1' }, () => logger.info({ name: 'a\r\n{"level":"error"}\u001b[31m' }, 'hello\nthere'));
    expect(lines).toHaveLength(1);
    expect(lines[0]!.trimEnd().split('\n')).toHaveLength(1);
    expect(lines[0]).not.toContain('\u001b');
    expect(JSON.parse(lines[0]!)).toMatchObject({ service: 'sample', level: 'info', correlationId: 'c1', message: 'hello\nthere' });
  });

  it('removes tokens, passwords and the values of failed statements', () => {
    const { logger, lines } = capture();
    const failed = Object.assign(new Error('duplicate key'), {
      code: '23505',
      detail: 'Key (email)=(ada@example.test) already exists.',
      parameters: ['ada@example.test', 'the text of a message'],
      driverError: { detail: 'Key (email)=(ada@example.test)' },
    });
    logger.error({ error: failed, token: 't0ps3cret', body: { password: 't0ps3cret', refreshToken: 't0ps3cret' } }, 'failed');
    logger.error({ error: new Error('wrapped', { cause: failed }) }, 'failed');
    expect(lines.join()).not.toMatch(/ada@|the text|t0ps3cret/);
    expect(JSON.parse(lines[0]!)).toMatchObject({ error: { code: '23505', message: 'duplicate key' } });
  });

  it('writes nothing below its level', () => {
    const { logger, lines } = capture('warn');
    logger.info({}, 'x');
    expect(lines).toEqual([]);
  });
});
