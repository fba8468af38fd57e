import { toRecordKey } from '../collection/record-key.ts';
import type { Change } from './change.ts';

/** Somebody who writes documents and may die before it is done. */
export interface Claimant {
  readonly isAlive: () => boolean;
}

/** Which documents are written by transactions that are still open: the first to write one has it. */
export class WriteClaims<Owner extends Claimant> {
  readonly #owners = new Map<string, Owner>();
  readonly #held = new Map<Owner, string[]>();

  /** Claims the documents of these changes; false when another that is alive has one of them. */
  claim(owner: Owner, changes: readonly Change[]): boolean {
    const held = this.#held.get(owner) ?? [];
    this.#held.set(owner, held);
    for (const { namespace, id } of changes) {
      const key = `${namespace}\0${toRecordKey(id)}`;
      const other = this.#owners.get(key);
      if (other === owner) continue;
      if (other?.isAlive()) return false;
      this.#owners.set(key, owner);
      held.push(key);
    }
    return true;
  }

  release(owner: Owner): void {
    for (const key of this.#held.get(owner) ?? []) if (this.#owners.get(key) === owner) this.#owners.delete(key);
    this.#held.delete(owner);
  }

  /** Documents claimed. */
  get size(): number {
    return this.#owners.size;
  }
}
