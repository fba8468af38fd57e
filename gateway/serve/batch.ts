import type { GraphQLFormattedError } from 'graphql';
import { Refusal } from './refusal.ts';

/** Entries of a list that run at the same time. */
const CONCURRENCY = 4;

const [OPEN, COMMA, CLOSE] = [Buffer.from('['), Buffer.from(','), Buffer.from(']')];

/** Refuses a list that is not served: AppError BAD_REQUEST where lists are off or empty, LIMIT_EXCEEDED over `max`. */
export function checkBatch(entries: readonly unknown[], max: number | null): void {
  if (max === null) throw new Refusal('BAD_REQUEST', 'Batches are not served: send one operation a request.');
  if (entries.length === 0) throw new Refusal('BAD_REQUEST', 'The batch is empty.');
  if (entries.length > max) throw new Refusal('LIMIT_EXCEEDED', `A batch holds at most ${max} operations.`);
}

/**
 * The answers to the entries of a list, in their order, as one JSON list. Each entry runs by itself, a few at a time: one
 * that fails is answered with its errors, and the others are answered all the same.
 */
export async function answerBatch(
  entries: readonly unknown[],
  run: (entry: unknown) => Promise<Buffer>,
  toErrors: (error: unknown) => readonly GraphQLFormattedError[],
): Promise<Buffer> {
  const answers: Buffer[] = [];
  const queue = entries.entries();
  const work = async () => {
    for (const [index, entry] of queue) {
      answers[index] = await run(entry).catch((error: unknown) =>
        Buffer.from(JSON.stringify({ errors: toErrors(error) }), 'utf8'),
      );
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, entries.length) }, work));
  const parts = answers.flatMap((answer, index) => (index === 0 ? [answer] : [COMMA, answer]));
  return Buffer.concat([OPEN, ...parts, CLOSE]);
}
