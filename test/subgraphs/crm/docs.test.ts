import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { composeSupergraph } from '../../../gateway/supergraph/compose-supergraph.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const page = read('docs/crm.md');
const { apiSdl } = await composeSupergraph({ file: fileURLToPath(new URL('supergraph.yaml', root)) });
const schema = buildSchema(apiSdl);

describe('docs/crm.md', () => {
  const operations = [...page.matchAll(/```graphql\n([\s\S]*?)```/g)].map(([, source = '']) => source);

  it('has an operation of each kind', () => {
    expect(operations.map((source) => source.split(' ')[0]).sort()).toEqual(['mutation', 'query', 'subscription']);
  });

  it.each(operations)('shows an operation the schema takes: %s', (source) => {
    expect(validate(schema, parse(source)).map(({ message }) => message)).toEqual([]);
  });

  it('lists every code of a user error, and no other', () => {
    const declared = [...read('subgraphs/kit/user-errors.ts').matchAll(/^ {2}\| '([A-Z_]+)'/gm)].map(
      ([, code]) => code,
    );
    const listed = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
    expect(listed).toEqual(declared);
  });
});
