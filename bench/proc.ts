/** What the files of a process in /proc say (proc(5), Linux). Each function takes the text of one file. */

const TICKS_PER_SECOND = 100;

/** CPU seconds of a process, and of its child processes that have ended, from /proc/<pid>/stat. */
export function cpuSecondsIn(stat: string): number {
  // The second field is the name of the program in brackets, which may contain blanks and brackets itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [11, 12, 13, 14].reduce((sum, n) => sum + Number(fields[n]), 0) / TICKS_PER_SECOND;
}

/** Resident memory in bytes, from /proc/<pid>/status. */
export const residentBytesIn = (status: string): number => kilobytes('VmRSS', status);

/** Resident memory in bytes, with a share of the pages that are used by several processes, from /proc/<pid>/smaps_rollup. */
export const proportionalBytesIn = (smaps: string): number => kilobytes('Pss', smaps);

/** The cores on which a process may run, from /proc/<pid>/status. */
export function listedCores(status: string): number[] {
  const list = /^Cpus_allowed_list:(.*)$/m.exec(status)?.[1] ?? '';
  return [...list.matchAll(/(\d+)(?:-(\d+))?/g)].flatMap(([, first, last = first]) =>
    Array.from({ length: Number(last) - Number(first) + 1 }, (_, n) => Number(first) + n),
  );
}

function kilobytes(name: string, text: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? Number.NaN) * 1024;
}
