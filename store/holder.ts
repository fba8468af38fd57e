import { hostname } from 'node:os';
import { newUlid } from '../lib/ids.ts';

/** This process among all that ever were; with host and pid for people. */
const PROCESS = `${hostname()}/${process.pid}/${newUlid()}`;

/** A new holder of leases in this process. */
export function newHolder(): string {
  return `${PROCESS}/${newUlid()}`;
}

/** Whether a holder is of another process than this. */
export function isOfOtherProcess(holder: string | null): boolean {
  return holder !== null && !holder.startsWith(`${PROCESS}/`);
}
