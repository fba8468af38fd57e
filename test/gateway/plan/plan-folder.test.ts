import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEngine } from '../../../gateway/create-engine.ts';
import { createPlanFolder } from '../../../gateway/plan/plan-folder.ts';
import type { Planner, PlannerOptions } from '../../../gateway/plan/planner.ts';
import { createInProcessPlanner } from '../../support/federation-planner.ts';
import { createTestGraph } from '../../support/test-subgraphs.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plans-'));
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }));
const files = async () => {
  const [schema = ''] = await readdir(folder);
  return (await readdir(join(folder, schema))).map((name) => join(folder, schema, name));
};

describe('a folder of plans', () => {
  it('gives back what was saved for the same schema and key, also to another process', async () => {
    await createPlanFolder({ folder }).save('s', 'k', '{"kind":"QueryPlan"}');
    const store = createPlanFolder({ folder });
    expect(await store.load('s', 'k')).toBe('{"kind":"QueryPlan"}');
    expect([await store.load('s', 'other'), await store.load('other', 'k')]).toEqual([null, null]);
  });

  it.each([
    ['cut', (text: string) => text.slice(0, 20)],
    ['empty', () => ''],
    ['changed', (text: string) => text.replace('QueryPlan', 'QueryPlaN')],
    ['of another key', (text: string) => text.replace('"key":"k"', '"key":"x"')],
    ['not an object', () => 'null'],
  ])('ignores a file that is %s, and replaces it', async (_, damage) => {
    const store = createPlanFolder({ folder });
    await store.save('s', 'k', '{"kind":"QueryPlan"}');
    const [file = ''] = await files();
    await writeFile(file, damage(await readFile(file, 'utf8')));
    expect(await store.load('s', 'k')).toBeNull();
    await store.save('s', 'k', '{"kind":"QueryPlan"}');
    expect(await store.load('s', 'k')).toBe('{"kind":"QueryPlan"}');
  });

  it('keeps no more plans and schemas than it may, and leaves what is not its own', async () => {
    await writeFile(join(folder, 'notes.txt'), 'mine');
    const store = createPlanFolder({ folder, limit: 8, schemas: 2 });
    for (let index = 0; index < 30; index += 1) await store.save('s0', `k${index}`, '{}');
    for (const schema of ['s1', 's2', 's3']) await store.save(schema, 'k', '{}');
    const left = (await readdir(folder)).sort();
    expect(left).toHaveLength(3);
    expect(left).toContain('notes.txt');
    expect(await store.load('s3', 'k')).toBe('{}');
    await store.save('s4', 'x', '{}');
    for (let index = 0; index < 30; index += 1) await store.save('s4', `k${index}`, '{}');
    expect(
      (await Promise.all(Array.from({ length: 30 }, (_, i) => store.load('s4', `k${i}`)))).filter(Boolean).length,
    ).toBeLessThanOrEqual(8);
  });

  it('is for its owner alone', async () => {
    const own = join(folder, 'own');
    await createPlanFolder({ folder: own }).save('schema', 'key', 'plan');
    const modes = await Promise.all(
      [own, ...(await readdir(own, { recursive: true })).map((name) => join(own, name))].map(
        async (path) => (await stat(path)).mode & 0o077,
      ),
    );
    expect(modes).toEqual([0, 0, 0]);
  });

  it('costs no operation when it cannot be written', async () => {
    const store = createPlanFolder({ folder: join(folder, 'notes.txt', 'below') });
    await writeFile(join(folder, 'notes.txt'), 'a file');
    await expect(store.save('s', 'k', '{}')).resolves.toBeUndefined();
    expect(await store.load('s', 'k')).toBeNull();
  });

  it('spares a new process the planning while the supergraph is the same', async () => {
    const graph = (field: string) =>
      createTestGraph([{ name: 'a', sdl: `type Query { ${field}: Int b(x: Int): Int }` }]);
    const start = async (supergraph: string, texts: string[]) => {
      const planner = (options: PlannerOptions): Planner => {
        const inner = createInProcessPlanner(options);
        const plan: Planner['plan'] = (text, how) => {
          texts.push(text);
          return inner.plan(text, how);
        };
        return { ...inner, plan };
      };
      const planStore = createPlanFolder({ folder });
      const { transport } = graph('a');
      const engine = await createEngine({ supergraph, transport, planner, planStore });
      const { plan } = await engine.prepare({ query: '{ b(x: 1) }' }, null);
      await engine.close();
      return plan;
    };
    const [first, second, third]: string[][] = [[], [], []];
    const plan = await start(graph('a').supergraphSdl, first ?? []);
    await expect.poll(async () => (await files().catch(() => [])).length).toBe(1);
    expect(await start(graph('a').supergraphSdl, second ?? [])).toEqual(plan);
    await start(graph('c').supergraphSdl, third ?? []);
    expect([first?.length, second?.length, third?.length]).toEqual([1, 0, 1]);
  });
});
