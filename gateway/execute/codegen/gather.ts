import type { JsonRecord } from '../record.ts';
import { type PlanPath, walkPath } from '../targets.ts';
import type { TypeProjection } from './projections.ts';
import { compileSource, isRecordSource, readKey, type Source } from './source.ts';

/** What is asked with one list of entities. */
export interface EntityBatch {
  /** Representations as JSON, each distinct one once, in the order they were met. */
  readonly texts: string[];
  /** Objects to be filled, part after part. One object may occur several times. */
  readonly targets: JsonRecord[];
  /** For each target the index of its representation. */
  readonly members: number[];
  /** For each part the number of targets up to its end. */
  readonly ends: number[];
  /** Representations by what tells them apart: for each type of its own, and at last for those made the careful way. */
  readonly known: readonly Map<unknown, number>[];
  /** For each type that several fields represent: by the last of them what was met last, its index and the other fields. */
  readonly recent: readonly Map<unknown, readonly unknown[]>[];
}

/** Represents an object the careful way; the index of its representation, or -1 when it cannot or need not be asked about. */
export type RepresentSlowly = (target: JsonRecord) => number;

/** Walks to the objects of one part and puts each with its representation into the batch. */
export type Gather = (root: JsonRecord, batch: EntityBatch, slowly: RepresentSlowly) => void;

/**
 * Compiles the gathering of the objects at a path. Objects of the expected types with all fields there are represented by
 * generated code, whose text tells at once whether an entity is new; all others by `slowly`.
 */
export function compileGather(projections: readonly TypeProjection[], path: PlanPath): Gather {
  const visitTarget = `function visit(target, batch, slowly) {
    let at = -2, text, ${letters(projections)};
    const type = target["__typename"];
    ${projections.map(representType).join(' else ')}
    if (at === -2) at = slowly(target);
    if (at >= 0) { batch.targets.push(target); batch.members.push(at); }
  }`;
  const source = `(function () {
    ${visitTarget}
    return function gather(root, batch, slowly) {
      const onTarget = (target) => visit(target, batch, slowly);
      const v0 = root;
      ${walk(path, 0)}
    };
  })()`;
  return compileSource<Gather>(source, { walkPath, path, json });
}

function letters(projections: readonly TypeProjection[]): string {
  const most = Math.max(1, ...projections.map(({ fields }) => fields.length));
  return Array.from({ length: most }, (_, index) => `k${index}`).join(', ');
}

/** Loops down to the objects; whatever has not the expected form goes to the general walk. */
function walk(path: PlanPath, depth: number): Source {
  const [value, next] = [`v${depth}`, `v${depth + 1}`];
  const otherwise = `else walkPath(${value}, path, ${depth}, onTarget);`;
  const head = path[depth];
  if (head === undefined) return `if (${isRecordSource(value)}) visit(${value}, batch, slowly); ${otherwise}`;
  if (head === '@') {
    const index = `i${depth}`;
    return `if (Array.isArray(${value})) for (let ${index} = 0; ${index} < ${value}.length; ${index} += 1) {
      const ${next} = ${value}[${index}];
      ${walk(path, depth + 1)}
    } ${otherwise}`;
  }
  return `if (${isRecordSource(value)}) {
    const ${next} = ${readKey(value, String(head))};
    ${walk(path, depth + 1)}
  } ${otherwise}`;
}

function representType({ typename, sent, fields }: TypeProjection, index: number): Source {
  const reads = fields.map((key, at) => `k${at} = ${readKey('target', key)};`).join(' ');
  const plain = fields.map((_, at) => `k${at} !== undefined && (typeof k${at} !== "object" || k${at} === null)`);
  const parts = fields.map((key, at) => `${JSON.stringify(`,${JSON.stringify(key)}:`)} + json(k${at})`);
  const text = [JSON.stringify(`{"__typename":${JSON.stringify(sent)}`), ...parts, '"}"'].join(' + ');
  const find = fields.length === 1 ? findByField(index, text) : findByText(index, text, fields.length - 1);
  return `if (type === ${JSON.stringify(typename)}) {
    ${reads}
    if (${plain.join(' && ')}) { ${find} }
  }`;
}

/** One field tells an entity of this type from another as it is. */
function findByField(index: number, text: Source): Source {
  return `at = batch.known[${index}].get(k0);
    if (at === undefined) {
      at = batch.texts.push(${text}) - 1;
      batch.known[${index}].set(k0, at);
    }`;
}

/** Several do as text, which is not written again for what was met before: keys are last, and nearly always tell it already. */
function findByText(index: number, text: Source, last: number): Source {
  const others = Array.from({ length: last }, (_, at) => `k${at}`);
  const isSame = others.map((name, at) => ` && met[${at + 1}] === ${name}`).join('');
  return `const met = batch.recent[${index}].get(k${last});
    if (met !== undefined${isSame}) at = met[0];
    else {
      text = ${text};
      at = batch.known[${index}].get(text);
      if (at === undefined) {
        at = batch.texts.push(text) - 1;
        batch.known[${index}].set(text, at);
      }
      batch.recent[${index}].set(k${last}, [at, ${others.join(', ')}]);
    }`;
}

function json(value: unknown): string | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? `${value}` : JSON.stringify(value);
}
