import { createHash } from 'node:crypto';
import { type DocumentNode, visit } from 'graphql';
import { directivesOf, textArgument } from './join-directives.ts';

/** Whether a label of `@override` that is not `percent(N)` is on. */
export type LabelChoice = (label: string) => boolean;

const PERCENT = /^percent\((\d{1,3}(?:\.\d{1,8})?)\)$/;

/** Labels of progressive `@override` in a supergraph, sorted. Spec: specs.apollo.dev/join v0.4, `overrideLabel`. */
export function readOverrideLabels(supergraph: DocumentNode): readonly string[] {
  const labels = new Set<string>();
  visit(supergraph, {
    FieldDefinition(node) {
      for (const directive of directivesOf(node, 'join__field')) {
        const label = textArgument(directive, 'overrideLabel');
        if (label !== undefined) labels.add(label);
      }
    },
  });
  return [...labels].sort();
}

/**
 * The labels that are on for one request. `percent(N)` is on for N of 100 requests, told apart by a hash of `seed`: the same
 * seed gets the same, and whoever gets `percent(5)` also gets `percent(50)`, so there are no more combinations (and plans) than
 * distinct percentages. Other labels are on when `choose` says so; none is by default.
 */
export function activeLabels(labels: readonly string[], seed: string, choose: LabelChoice = () => false): string[] {
  if (labels.length === 0) return [];
  const draw = (createHash('sha256').update(seed).digest().readUInt32BE() / 2 ** 32) * 100;
  return labels.filter((label) => {
    const percent = PERCENT.exec(label)?.[1];
    return percent === undefined ? choose(label) : draw < Number(percent);
  });
}
