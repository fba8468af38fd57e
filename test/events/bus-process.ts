import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** How another process opens a bus: an exported function of a module, and its one argument as JSON can carry it. */
export interface BusElsewhere {
  /** URL of the module. */
  readonly module: string;
  readonly open: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** What the member of `bus-member.ts` is to do: settle so many records, then never let go of the next. */
export interface MemberOrder {
  readonly group: string;
  readonly topic: string;
  readonly settle: number;
}

/** A member of a group in a process of its own. */
export interface MemberElsewhere {
  /** The value of the record it does not let go of. */
  atWorkOn(): Promise<string>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
}

const MEMBER = fileURLToPath(new URL('./bus-member.ts', import.meta.url));

/** Starts a member of a group elsewhere. */
export async function startMember(elsewhere: BusElsewhere, order: MemberOrder): Promise<MemberElsewhere> {
  const child = spawn(process.execPath, ['--import', 'tsx', MEMBER, JSON.stringify(elsewhere), JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    atWorkOn: async () => {
      const { value, done } = await lines.next();
      if (done) throw new Error('the member elsewhere ended by itself');
      return value;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
