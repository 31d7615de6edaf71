import { readFileSync } from 'node:fs';
import type { System } from '../scripts/system.ts';

const TICKS_PER_SECOND = 100;

/** CPU seconds of each process of the system so far, child processes included; empty on systems without /proc. */
export function cpuSeconds(system: System): Map<string, number> {
  const times = new Map<string, number>();
  if (process.platform !== 'linux') return times;
  for (const [name, { pid }] of Object.entries(system.services)) if (pid !== null) times.set(name, ofProcess(pid));
  for (const name of ['postgres', 'redis', 'kafka', 'registry'] as const) {
    const pid = system.infra[name]?.pid;
    if (pid) times.set(name, ofProcess(pid) + childrenOf(pid).reduce((sum, child) => sum + ofProcess(child), 0));
  }
  const { user, system: kernel } = process.cpuUsage();
  return times.set('driver', (user + kernel) / 1e6);
}

/** CPU milliseconds per message between two readings, as one line. */
export function cpuPerMessage(before: Map<string, number>, after: Map<string, number>, messages: number): string {
  return [...after]
    .map(([name, seconds]): [string, number] => [name, ((seconds - (before.get(name) ?? 0)) * 1000) / messages])
    .filter(([, ms]) => ms >= 0.005)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, ms]) => `${name} ${ms.toFixed(2)}`)
    .join(', ');
}

function ofProcess(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    // utime and stime of the process, and of its child processes that have ended.
    return [11, 12, 13, 14].reduce((sum, n) => sum + Number(fields[n]), 0) / TICKS_PER_SECOND;
  } catch {
    return 0; // the process has ended
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
