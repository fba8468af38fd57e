let last = 0;

/** A number greater than all before it: what is stamped with it is newer than what was stamped before. */
export function nextStamp(): number {
  last += 1;
  return last;
}
