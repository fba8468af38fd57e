import { type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql';
import { copyValue, mergeValue } from '../merge.ts';
import type { JsonRecord } from '../record.ts';
import { compileSource, readKey, type Source, writeKey } from './source.ts';

/**
 * Sets what was selected on `target` from `source`, and nothing else `source` may hold. Objects inside are taken over as
 * they are, or copied when `copy` says that somebody else has them already.
 */
export type Assign = (target: JsonRecord, source: JsonRecord, copy: boolean) => void;

/**
 * Compiles the merging of objects that answer a selection. A `__typename` that `isVague` (an interface object's, which is
 * the interface's name) does not take the place of a known one.
 */
export function compileAssign(
  selection: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  isVague: (typename: unknown) => boolean = () => false,
): Assign {
  const keys = selectedKeys(selection, fragments);
  const statements = [...keys].map(([key, isComposite]) =>
    isComposite ? assignObject(key) : key === '__typename' ? assignTypename() : assignLeaf(key),
  );
  return compileSource<Assign>(`function assign(target, source, copy) { let value, known; ${statements.join('')} }`, {
    copyValue,
    mergeValue,
    isVague,
  });
}

function assignLeaf(key: string): Source {
  // A null never hides what another subgraph delivered.
  return `value = ${readKey('source', key)};
    if (value !== undefined && (value !== null || ${readKey('target', key)} === undefined)) ${writeKey('target', key, 'value')}`;
}

function assignTypename(): Source {
  return `value = source["__typename"];
    if (value !== undefined && value !== null && (target["__typename"] === undefined || !isVague(value))) target["__typename"] = value;`;
}

function assignObject(key: string): Source {
  return `value = ${readKey('source', key)};
    if (value !== undefined) {
      known = ${readKey('target', key)};
      if (known === undefined || known === null) ${writeKey('target', key, 'copy ? copyValue(value) : value')}
      else ${writeKey('target', key, 'mergeValue(known, copy ? copyValue(value) : value)')}
    }`;
}

/** Response names of a selection, on whatever types, and whether there is a selection below. */
export function selectedKeys(
  selection: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): Map<string, boolean> {
  const keys = new Map<string, boolean>();
  const collect = (set: SelectionSetNode | undefined): void => {
    for (const node of set?.selections ?? []) {
      if (node.kind === Kind.FRAGMENT_SPREAD) collect(fragments.get(node.name.value)?.selectionSet);
      else if (node.kind === Kind.INLINE_FRAGMENT) collect(node.selectionSet);
      else {
        const key = node.alias?.value ?? node.name.value;
        keys.set(key, (keys.get(key) ?? false) || node.selectionSet !== undefined);
      }
    }
  };
  collect(selection);
  return keys;
}
