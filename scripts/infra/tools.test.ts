import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { findCommand, requireTool } from './tools.ts';

const KAFKA = { command: 'a-missing-tool', purpose: 'Kafka', apt: 'tool-apt', brew: 'tool-brew', dnf: 'tool-dnf' };
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'chat-tools-'));
  vi.stubEnv('PATH', `/nowhere${path.delimiter}${folder}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** A command in PATH that runs a shell script. */
function command(name: string, script = '', mode = 0o755): string {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}`);
  chmodSync(file, mode);
  return file;
}

it('finds a command in PATH, if it is executable', () => {
  const java = command('java');
  command('mvn', '', 0o644);
  expect([findCommand('java'), findCommand('mvn'), findCommand('redis-server')]).toEqual([java, null, null]);
});

it('names the command that installs a missing tool', async () => {
  await expect(requireTool(KAFKA)).rejects.toThrow(
    'a-missing-tool is missing; Kafka needs it. Install it with:\n  sudo apt-get install tool-apt',
  );
  command('dnf');
  await expect(requireTool(KAFKA)).rejects.toThrow('sudo dnf install tool-dnf');
});

it('installs a missing tool where the package manager works without questions', async () => {
  const isRoot = process.getuid?.() === 0;
  const tool = path.join(folder, KAFKA.command);
  command(isRoot ? 'apt-get' : 'brew', `case "$*" in *install*) echo > ${tool}; /bin/chmod 755 ${tool};; esac`);
  expect(await requireTool(KAFKA)).toBe(tool);
});
