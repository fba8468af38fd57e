import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Ticks of `utime` and `stime` in a second: USER_HZ, 100 on every Linux we know. */
const TICKS = 100;

/** CPU seconds a process has used, its threads included (proc(5), fields 14 and 15 of `stat`). */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Megabytes of memory a process holds now and held at most. */
export function memoryOf(pid: number): { readonly rssMb: number; readonly peakRssMb: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const megabytes = (name: string) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024);
  return { rssMb: megabytes('VmRSS'), peakRssMb: megabytes('VmHWM') };
}

/** Whether processes can be kept to a core (util-linux' taskset). */
export function canPin(): boolean {
  return spawnSync('taskset', ['-c', '0', 'true']).status === 0;
}

/** A command kept to one core; as it is where that cannot be done. */
export function pinned(core: 0 | 1, command: readonly string[], pin: boolean): readonly string[] {
  return pin ? ['taskset', '-c', String(core), ...command] : command;
}
