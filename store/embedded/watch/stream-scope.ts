import type { Change } from '../engine/change.ts';

/** What a stream watches. */
export interface StreamScope {
  sees(change: Change): boolean;
  /** Whether the change takes away what is watched: the stream ends after it. */
  isEndedBy(change: Change): boolean;
}

/** Changes that only expanded streams are told of. */
const EXPANDED = new Set(['create', 'createIndexes', 'dropIndexes', 'modify']);

/** One collection: it ends with it, and when a rename takes its name. */
function ofCollection(namespace: string): StreamScope {
  const sees = (change: Change) => change.namespace === namespace || change.to === namespace;
  return { sees, isEndedBy: ({ operation }) => operation === 'drop' || operation === 'rename' };
}

function ofDatabase(database: string): StreamScope {
  const prefix = `${database}.`;
  return {
    sees: ({ namespace, to }) => namespace.startsWith(prefix) || to?.startsWith(prefix) === true,
    isEndedBy: ({ operation }) => operation === 'dropDatabase',
  };
}

/** A stream over one collection, one database (`collection` null), or everything (`database` null). */
export function toScope(database: string | null, collection: string | null, isExpanded: boolean): StreamScope {
  const everything: StreamScope = { sees: () => true, isEndedBy: () => false };
  const whole = database === null ? everything : ofDatabase(database);
  const scope = database !== null && collection !== null ? ofCollection(`${database}.${collection}`) : whole;
  return { ...scope, sees: (change) => (isExpanded || !EXPANDED.has(change.operation)) && scope.sees(change) };
}
