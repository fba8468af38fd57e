/** Something that comes in order, with what it is ordered by. */
export interface Ordered<Item> {
  /** The next one, or null at the end. */
  next(): { readonly key: string; readonly item: Item } | null;
}

interface Head<Item> {
  readonly source: Ordered<Item>;
  readonly place: number;
  readonly key: string;
  readonly item: Item;
}

/** A binary heap of the sources' next items. Of items alike the one of the earlier source comes first. */
class Heads<Item> {
  readonly #heads: Head<Item>[] = [];
  readonly #sign: 1 | -1;

  constructor(reverse: boolean) {
    this.#sign = reverse ? -1 : 1;
  }

  #isBefore(left: Head<Item>, right: Head<Item>): boolean {
    if (left.key === right.key) return left.place < right.place;
    return left.key < right.key === (this.#sign === 1);
  }

  push(head: Head<Item>): void {
    const heads = this.#heads;
    let at = heads.push(head) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(head, heads[parent] as Head<Item>)) break;
      heads[at] = heads[parent] as Head<Item>;
      at = parent;
    }
    heads[at] = head;
  }

  pop(): Head<Item> | undefined {
    const [first] = this.#heads;
    const last = this.#heads.pop();
    if (last && this.#heads.length > 0) this.#sink(last);
    return first;
  }

  #sink(head: Head<Item>): void {
    const heads = this.#heads;
    let at = 0;
    for (;;) {
      const left = at * 2 + 1;
      if (left >= heads.length) break;
      const right = heads[left + 1];
      const child = right && this.#isBefore(right, heads[left] as Head<Item>) ? left + 1 : left;
      if (!this.#isBefore(heads[child] as Head<Item>, head)) break;
      heads[at] = heads[child] as Head<Item>;
      at = child;
    }
    heads[at] = head;
  }
}

/** Items of several ordered sources as one, from the greatest when `reverse`. */
export function* merge<Item>(sources: readonly Ordered<Item>[], reverse: boolean): Generator<Item, void, void> {
  const heads = new Heads<Item>(reverse);
  const advance = (source: Ordered<Item>, place: number) => {
    const next = source.next();
    if (next) heads.push({ source, place, ...next });
  };
  for (const [place, source] of sources.entries()) advance(source, place);
  for (let head = heads.pop(); head; head = heads.pop()) {
    yield head.item;
    advance(head.source, head.place);
  }
}
