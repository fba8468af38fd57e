import type { CollectionDefinition } from '../catalog/definitions.ts';
import { Overlay } from '../disk/overlay.ts';
import { ReadTracker } from '../disk/read-tracker.ts';
import type { Entry, KeyCount, KeyRange, Reader } from '../disk/reader.ts';
import type { Change } from './change.ts';

/** Writes of a command or a transaction until they are committed together, readable through itself. */
export class WorkUnit implements Reader {
  readonly changes: Change[] = [];
  /** Collections a transaction makes: nobody else sees them before it commits. */
  readonly created = new Map<string, CollectionDefinition>();
  readonly overlay: Overlay;
  /** What a transaction has read; null for a single command, which runs in one turn. */
  readonly tracker: ReadTracker | null;

  /** Which opening of the file it began under: what it read at another may never have been on disk. */
  readonly age: number;

  constructor(base: Reader, isTransaction = false, age = 0) {
    this.age = age;
    this.tracker = isTransaction ? new ReadTracker(base) : null;
    this.overlay = new Overlay(this.tracker ?? base);
  }

  get(key: string): Uint8Array | undefined {
    return this.overlay.get(key);
  }

  range(range: KeyRange, limit: number, reverse = false): Entry[] {
    return this.overlay.range(range, limit, reverse);
  }

  count(range: KeyRange, limit: number): KeyCount {
    return this.overlay.count(range, limit);
  }

  get version(): number {
    return this.overlay.version;
  }
}
