import { it } from 'vitest';
import { expectToSurvive } from './crash-rounds.ts';

it('loses nothing it acknowledged, leaves no gap, and skips nothing for its group, under kill -9, 15 times', async () => {
  await expectToSurvive(15);
}, 240_000);
