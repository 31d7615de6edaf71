import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';

/** The path of a new log file; the one of the previous run is kept beside it as `<name>.previous.log`. */
export function newLogFile(logDir: string, name: string): string {
  mkdirSync(logDir, { recursive: true });
  const file = path.join(logDir, `${name}.log`);
  if (existsSync(file)) renameSync(file, path.join(logDir, `${name}.previous.log`));
  return file;
}

export function lastLines(file: string, count: number): string {
  if (!existsSync(file)) return '  (no log)';
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count);
  return lines.map((line) => `  ${line.slice(0, 400)}`).join('\n');
}
