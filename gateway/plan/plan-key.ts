/** What a plan is for: an operation in normal form, and the labels of `@override` that are on. */
export interface PlanKey {
  readonly text: string;
  /** Sorted. Only labels of the supergraph. */
  readonly labels: readonly string[];
}

/** The key as one text; no two keys have the same. */
export function toCacheKey({ text, labels }: PlanKey): string {
  return labels.length === 0 ? text : `${text}\n${JSON.stringify(labels)}`;
}
