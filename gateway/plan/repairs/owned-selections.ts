import {
  baseType,
  type CompositeType,
  federationMetadata,
  isCompositeType,
  SelectionSet,
} from '@apollo/federation-internals';

/**
 * Repair: what a subgraph has as `@external` only is never asked of it.
 *
 * What the planner gets wrong: where the inputs of a `@requires` come from another subgraph, it saves that fetch if the subgraph
 * before it has all the fields (`SelectionSet.canRebaseOn`), and an `@external` field counts as one. With requirements to and fro
 * between two subgraphs it so asks one of them for a field that is the other's, gets null, and computes with it: wrong data, and
 * nobody told. While `plan` runs, a field that is external in a subgraph does not count; all three callers of that method take
 * it as leave to save work, so that a no costs a fetch at most. `plan` must be synchronous: the method is put back afterwards.
 */
export function withOwnedSelections<T>(plan: () => T): T {
  const { canRebaseOn } = SelectionSet.prototype;
  return whileRebasing((set, type) => canRebaseOn.call(set, type) && isOwned(set, type), plan);
}

/**
 * Runs `plan` with none of the savings that rest on what an earlier subgraph has. Some of them merge a fetch into an earlier one
 * and forget what it waited for; plans without them have more fetches.
 */
export function withoutShortcuts<T>(plan: () => T): T {
  return whileRebasing(() => false, plan);
}

function whileRebasing<T>(canRebase: (set: SelectionSet, type: CompositeType) => boolean, plan: () => T): T {
  const { canRebaseOn } = SelectionSet.prototype;
  SelectionSet.prototype.canRebaseOn = function (this: SelectionSet, type: CompositeType): boolean {
    return canRebase(this, type);
  };
  try {
    return plan();
  } finally {
    SelectionSet.prototype.canRebaseOn = canRebaseOn;
  }
}

function isOwned(set: SelectionSet, type: CompositeType): boolean {
  return set.selections().every(({ element, selectionSet }) => {
    if (element.kind === 'FragmentElement')
      return !selectionSet || isOwned(selectionSet, inSchemaOf(type, element.typeCondition) ?? type);
    const field = type.field(element.name);
    // `__typename` is nobody's; what the subgraph does not have at all, the planner has told from what it has.
    if (!field) return true;
    if (federationMetadata(type.schema())?.isFieldExternal(field)) return false;
    const inner = field.type && baseType(field.type);
    return !selectionSet || !inner || !isCompositeType(inner) || isOwned(selectionSet, inner);
  });
}

function inSchemaOf(type: CompositeType, condition: CompositeType | undefined): CompositeType | undefined {
  const found = condition && type.schema().type(condition.name);
  return found && isCompositeType(found) ? found : undefined;
}
