import { expect, it } from 'vitest';
import { Commits } from '../../../events/rabbitmq/commits.ts';
import { silentLogger } from '../../../lib/logger.ts';

/** Writes that end when told. */
function slowly() {
  const begun: { offset: number; end: (error?: Error) => void }[] = [];
  const write = (offset: number) =>
    new Promise<void>((resolve, reject) => {
      begun.push({ offset, end: (error) => (error ? reject(error) : resolve()) });
    });
  return { begun, commits: new Commits({ write, logger: silentLogger }) };
}
const turn = () => new Promise(setImmediate);

it('writes one place at a time, and of what came meanwhile only the newest', async () => {
  const { begun, commits } = slowly();
  commits.set(1, true);
  commits.set(2, true);
  commits.set(3, true);
  expect(begun.map(({ offset }) => offset)).toEqual([1]);
  begun[0]?.end();
  await turn();
  expect(begun.map(({ offset }) => offset)).toEqual([1, 3]);
});

it('waits with a place while there is more to do, and writes it when flushed', async () => {
  const { begun, commits } = slowly();
  commits.set(1, false);
  expect(begun).toEqual([]);
  const flushed = commits.flush();
  begun[0]?.end();
  await flushed;
  expect(begun.map(({ offset }) => offset)).toEqual([1]);
});

it('ends a flush though the place cannot be written', async () => {
  const { begun, commits } = slowly();
  commits.set(1, true);
  const flushed = commits.flush();
  begun[0]?.end(new Error('away'));
  await flushed;
  commits.set(2, true);
  expect(begun.map(({ offset }) => offset)).toEqual([1, 2]);
});
