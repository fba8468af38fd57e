import { join } from 'node:path';
import { deserialize, serialize } from 'bson';
import { open } from 'lmdb';
import { LIST_INDEX, type Order, toOrder } from './order.ts';

/** Bare lmdb doing the least that the same work needs, in the thread of the bench: no server, no wire, no driver. */
export interface Peer {
  insert(number: number): Promise<unknown>;
  transact(number: number): Promise<unknown>;
  find(number: number): Promise<unknown>;
  /** Documents in it. */
  count(): number;
  close(): Promise<void>;
}

const indexKey = (order: Order) =>
  Object.keys(LIST_INDEX).map((field) => String(order[field as keyof typeof LIST_INDEX]));

/** A peer with `documents` in it. */
export async function openPeer(folder: string, documents: number): Promise<Peer> {
  const options = {
    path: join(folder, 'peer.mdb'),
    noSubdir: true,
    encoding: 'binary',
    overlappingSync: false,
  } as const;
  const environment = open<Uint8Array, string>({ ...options, cache: false });
  const index = environment.openDB<Uint8Array, string[]>({ name: 'index', encoding: 'binary' });
  const ids: string[] = [];
  const put = (number: number) => {
    const order = toOrder(number);
    const id = order._id.toHexString();
    environment.putSync(id, serialize(order));
    index.putSync(indexKey(order), Buffer.from(id));
    ids.push(id);
  };
  await environment.transaction(() => {
    for (let number = 0; number < documents; number += 1) put(number);
  });
  return {
    insert: (number) => environment.transaction(() => put(number)),
    transact: (number) =>
      environment.transaction(() => {
        put(number);
        const id = ids[number % documents] as string;
        const bytes = Uint8Array.from(environment.get(id) as Uint8Array);
        environment.putSync(id, bytes);
      }),
    find: (number) => Promise.resolve(deserialize(environment.get(ids[number % documents] as string) as Uint8Array)),
    count: () => ids.length,
    close: () => environment.close(),
  };
}
