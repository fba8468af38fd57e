import { expect, it } from 'vitest';
import { foldText } from '../../../subgraphs/kit/fold-text.ts';

it.each([
  ['  Zoë   MÜLLER ', 'zoe muller'],
  ['Straße', 'strasse'],
  ['ﬁn', 'fin'],
  ['', ''],
])('folds %j to %j', (text, folded) => {
  expect(foldText(text)).toBe(folded);
});
