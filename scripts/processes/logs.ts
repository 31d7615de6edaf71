import { existsSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { privateFolder } from './private-files.ts';

/** The path of a new log file; the one of the previous run is kept beside it as `<name>.previous.log`. */
export function newLogFile(logDir: string, name: string): string {
  privateFolder(logDir);
  const file = path.join(logDir, `${name}.log`);
  if (existsSync(file)) renameSync(file, path.join(logDir, `${name}.previous.log`));
  return file;
}

/** The end of a log, for the terminal. */
export function lastLines(file: string, count: number): string {
  if (!existsSync(file)) return '  (no log)';
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count);
  return lines.map((line) => `  ${readable(line).slice(0, 400)}`).join('\n');
}

/** Of a line that a service has logged in JSON, only the level, the message and the error. */
function readable(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    const { level, message, error } = JSON.parse(line) as { level?: string; message?: string; error?: { message?: string } };
    return [level, message, error?.message].filter(Boolean).join(': ');
  } catch {
    return line;
  }
}
