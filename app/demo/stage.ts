import type { Narrator } from './narrator.ts';

/** Where the story is told: what its chapters share. */
export interface Stage {
  readonly url: string;
  readonly sandboxUrl: string;
  readonly tokenFor: (role: string) => Promise<string>;
  readonly say: Narrator;
  /** What the demo started itself and may kill; null with `--url`. */
  readonly own: OwnProcesses | null;
}

/** Everything of ours that the demo started: one process, or many. */
export interface OwnProcesses {
  /** How the story calls it. */
  readonly name: string;
  /** SIGKILL to all of it, and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts all of it again on the same data; milliseconds until it was ready. */
  restart(): Promise<number>;
  stop(): Promise<void>;
}
