/** Text as names are compared and ordered: without accents and case, single spaces. `"  Zoë  Straße"` → `"zoe strasse"`. */
export function foldText(text: string): string {
  return foldPart(text).trim();
}

/** A part of such a text: as `foldText`, but a space at either end stays, for it may stand within the whole. */
export function foldPart(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/ß/g, 'ss')
    .toLowerCase()
    .replace(/\s+/g, ' ');
}
