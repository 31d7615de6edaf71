import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const FIXTURE = fileURLToPath(new URL('./kit/command-line.fixture.mjs', import.meta.url));
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [FIXTURE, ...args], { env: { PATH: process.env.PATH!, NAME: 'ada', ...env } });
  children.push(child);
  const text = { out: '', error: '' };
  child.stdout.on('data', (chunk) => (text.out += chunk));
  child.stderr.on('data', (chunk) => (text.error += chunk));
  const ended = new Promise<{ code: number | null; out: string; error: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, ...text })),
  );
  return { child, ended };
}

describe('the commands of an image', () => {
  it('get the arguments after the name of the command, and the environment', async () => {
    expect(await start(['echo', 'one', '--two']).ended).toEqual({ code: 0, out: 'one --two for ada\n', error: '' });
  });

  it('are "start" without an argument', async () => {
    expect(await start([]).ended).toMatchObject({ code: 0, out: 'started\n' });
  });

  it.each(['help', '--help'])('are listed by %s', async (name) => {
    const { code, out } = await start([name]).ended;
    expect(code).toBe(0);
    expect(out).toMatch(/ {2}echo +prints its arguments\n/);
  });

  it.each(['nothing', 'toString'])('are listed with exit code 2 if there is no command "%s"', async (name) => {
    const { code, out, error } = await start([name]).ended;
    expect([code, out]).toEqual([2, '']);
    expect(error).toMatch(new RegExp(`^There is no command "${name}"[^]* {2}echo `));
  });

  it.each([
    ['usage', 'wrong usage\n'],
    ['config', 'NAME is not set'],
    ['outside', 'connect ECONNREFUSED\n'],
  ])('fail with exit code 1 and without a stack: %s', async (kind, message) => {
    const { code, error } = await start(['fail', kind]).ended;
    expect(code).toBe(1);
    expect(error).toContain(message);
    expect(error).not.toContain('    at ');
  });

  it('fail with a stack if the fault is in the program', async () => {
    const { code, error } = await start(['fail']).ended;
    expect(code).toBe(1);
    expect(error).toContain('    at ');
  });

  it('end on SIGTERM while they load, also as the first process of a container: "start" with exit code 0', async () => {
    const { child, ended } = start(['start'], { LOADS_FOR_EVER: 'true' });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
  });

  it('end on a SIGTERM that came while the process was busy with loading', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chat-command-line-'));
    const { child, ended } = start(['start'], { EVALUATES_UNTIL: join(folder, 'loaded') });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGTERM');
    await writeFile(join(folder, 'loaded'), '');
    expect(await ended).toMatchObject({ code: 0, out: 'loading\nstopped\n' });
    await rm(folder, { recursive: true });
  });
});
