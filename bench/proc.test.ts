import { describe, expect, it } from 'vitest';
import { cpuSecondsIn, listedCores, proportionalBytesIn, residentBytesIn } from './proc.ts';

const STATUS = 'Name:\tnode\nVmHWM:\t  208000 kB\nVmRSS:\t  204800 kB\nCpus_allowed:\t3\nCpus_allowed_list:\t0-1\n';

describe('what /proc says of a process', () => {
  it('CPU seconds count user and system time, and that of ended child processes, whatever the name of the program', () => {
    const stat = '4711 (node (main) x) S 1 4711 4711 0 -1 4194560 31 0 0 0 200 100 30 20 20 0 11 0 9876 1300000 50000';
    expect(cpuSecondsIn(stat)).toBe(3.5);
  });

  it('resident memory is that of now, in bytes', () => {
    expect(residentBytesIn(STATUS)).toBe(204_800 * 1024);
    expect(proportionalBytesIn('Rss:  4096 kB\nPss:  1024 kB\nPss_Anon:  512 kB\n')).toBe(1024 * 1024);
    expect(residentBytesIn('Name:\tkthreadd\n')).toBeNaN();
  });

  it.each([
    ['0-1', [0, 1]],
    ['3', [3]],
    ['0,4-6', [0, 4, 5, 6]],
  ])('the cores %s are %j', (list, cores) => {
    expect(listedCores(STATUS.replace('0-1', list))).toEqual(cores);
    expect(listedCores('Name:\tnode\n')).toEqual([]);
  });
});
