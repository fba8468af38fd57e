/** The label of an operation name. */
export type NameLabel = (name: string | null) => string;

const UNNAMED = 'unnamed';
const OTHER = 'other';

/**
 * Names as labels, of which there may be few: the `known` ones, if there are any, and otherwise the first `limit` that come.
 * All others are `other`. Only names of valid operations belong here.
 */
export function createOperationNames(options: { known?: readonly string[] | undefined; limit?: number }): NameLabel {
  const { known, limit = 100 } = options;
  const names = new Set(known);
  return (name) => {
    if (name === null) return UNNAMED;
    if (names.has(name)) return name;
    if (known || names.size >= limit) return OTHER;
    names.add(name);
    return name;
  };
}
