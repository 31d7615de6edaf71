import { readFileSync } from 'node:fs';
import type { System } from '../scripts/system.ts';
import { cpuSecondsIn, proportionalBytesIn, residentBytesIn } from './proc.ts';

/** A number for each process of the system, by its name; none on systems without /proc. */
export type ByProcess = Map<string, number>;

/** CPU seconds of each process so far, child processes included. */
export function cpuSeconds(system: System): ByProcess {
  return ofEachProcess(system, (pid) => [pid, ...childrenOf(pid)].reduce((sum, one) => sum + (valueOf(one, 'stat', cpuSecondsIn) ?? 0), 0));
}

/** Resident bytes of each process. The processes of PostgreSQL share memory, which is counted once. */
export function residentBytes(system: System): ByProcess {
  return ofEachProcess(system, (pid) => {
    const children = childrenOf(pid);
    if (children.length === 0) return valueOf(pid, 'status', residentBytesIn) ?? Number.NaN;
    return [pid, ...children].reduce((sum, one) => sum + (valueOf(one, 'smaps_rollup', proportionalBytesIn) ?? 0), 0);
  });
}

export const difference = (before: ByProcess, after: ByProcess): ByProcess =>
  new Map([...after].map(([name, value]) => [name, value - (before.get(name) ?? 0)]));

export const sumOf = (values: ByProcess): number => [...values.values()].reduce((sum, value) => sum + value, 0);

function ofEachProcess(system: System, value: (pid: number) => number): ByProcess {
  if (process.platform !== 'linux') return new Map();
  const processes = Object.entries({ ...system.services, ...system.infra });
  return new Map(processes.flatMap(([name, { pid }]): [string, number][] => (pid === null ? [] : [[name, value(pid)]])));
}

function childrenOf(pid: number): number[] {
  return valueOf(pid, `task/${pid}/children`, (text) => text.split(' ').filter(Boolean).map(Number)) ?? [];
}

/** Undefined if the process has ended. */
function valueOf<T>(pid: number, file: string, parse: (text: string) => T): T | undefined {
  try {
    return parse(readFileSync(`/proc/${pid}/${file}`, 'utf8'));
  } catch {
    return undefined;
  }
}
