import { setTimeout as delay } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPlanner } from '../../../gateway/plan/planner.ts';
import { createTestGraph } from '../../support/test-subgraphs.ts';
import { until } from '../../support/until.ts';

const share = (name: string) => ({
  name,
  sdl: `type Query { me: User @shareable } type User @key(fields: "id") { id: ID! friends: [User!] @shareable only_${name}: Int }`,
});
const { supergraphSdl: sdl } = createTestGraph([share('a'), share('b'), share('c')]);
/** 2^20 fields once expanded: planned for longer than anybody waits. */
const level = (i: number) => `fragment F${i} on User{a:friends{...F${i + 1}} b:friends{...F${i + 1}}}`;
const levels = Array.from({ length: 20 }, (_, i) => level(i)).join('');
const hard = `{me{...F0}}${levels}fragment F20 on User{only_a only_b}`;

describe('the threads of a planner that closes', () => {
  const threads = { started: 0, running: 0 };
  const note = (worker: Worker) => {
    threads.started += 1;
    threads.running += 1;
    worker.once('exit', () => {
      threads.running -= 1;
    });
  };
  beforeEach(() => {
    Object.assign(threads, { started: 0, running: 0 });
    process.on('worker', note);
  });
  afterEach(() => void process.off('worker', note));

  const closeIn = async (planner: ReturnType<typeof createPlanner>, asked: readonly Promise<unknown>[]) => {
    const outcomes = Promise.allSettled(asked);
    await planner.close();
    expect(threads.running).toBe(0);
    const { started } = threads;
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: { code: 'INTERNAL' } });
    await delay(50);
    expect(threads).toEqual({ started, running: 0 });
    await expect(planner.plan('{me{id}}')).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(threads.started).toBe(started);
  };

  it('end in the midst of planning, and none takes over', async () => {
    const planner = createPlanner({ sdl, budgetMs: 60_000 });
    await planner.plan('{me{id}}');
    const asked = [planner.plan(hard), planner.plan('{me{only_b}}')];
    await delay(50);
    await closeIn(planner, asked);
    expect(threads.started).toBe(1);
  });

  it('end before they are ready', async () => {
    const planner = createPlanner({ sdl, budgetMs: 60_000 });
    await closeIn(planner, [planner.plan('{me{id}}')]);
    expect(threads.started).toBe(1);
  });

  it('end when one has just been replaced by another, the old one too', async () => {
    const planner = createPlanner({ sdl, budgetMs: 50 });
    await planner.plan('{me{id}}').catch(() => null);
    await expect(planner.plan(hard)).rejects.toMatchObject({ code: 'QUERY_TOO_COMPLEX' });
    await until('another thread has started', () => threads.started > 1);
    await closeIn(planner, [planner.plan('{me{only_c}}')]);
  });
});
