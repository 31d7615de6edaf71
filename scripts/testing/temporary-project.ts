import { execFile, spawn, type ChildProcessByStdio } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { ROOT } from '../paths.ts';

/** A folder with a copy of scripts/ and the packages, in which scripts can build, install and write without touching this project. */
export class TemporaryProject {
  readonly root = mkdtempSync(path.join(os.tmpdir(), 'chat-project-'));

  /** @param files texts by path */
  constructor(files: Record<string, string> = {}) {
    cpSync(path.join(ROOT, 'scripts'), this.path('scripts'), { recursive: true, filter: (file) => !file.endsWith('.test.ts') });
    for (const [file, text] of Object.entries(files)) this.write(file, text);
  }

  path(file: string): string {
    return path.join(this.root, file);
  }

  write(file: string, text: string, mode = 0o644): void {
    mkdirSync(path.dirname(this.path(file)), { recursive: true });
    writeFileSync(this.path(file), text, { mode });
  }

  linkPackages(): void {
    symlinkSync(path.join(ROOT, 'node_modules'), this.path('node_modules'));
  }

  /** Starts a module given as text; it can import the scripts by `./scripts/…`. */
  start(code: string, env: NodeJS.ProcessEnv = {}): ChildProcessByStdio<Writable, Readable, null> {
    const args = ['--input-type=module', '-e', code];
    return spawn(process.execPath, args, { cwd: this.root, env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
  }

  /** Runs a module given as text to its end, or a file with arguments, and returns its exit code and everything it printed. */
  run(codeOrArgs: string | string[], env: NodeJS.ProcessEnv = {}): Promise<{ code: number; output: string }> {
    const args = typeof codeOrArgs === 'string' ? ['--input-type=module', '-e', codeOrArgs] : codeOrArgs;
    return new Promise((resolve) => {
      execFile(process.execPath, args, { cwd: this.root, env: { ...process.env, ...env } }, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr }),
      );
    });
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
