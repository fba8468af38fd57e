import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { composeSupergraph } from '../../gateway/index.ts';
import { VARIABLES } from '../../lib/config.ts';
import { ERRORS } from '../../lib/errors.ts';

const below = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
const pages = ['README.md', 'CONTRIBUTING.md', ...below('docs').filter((path) => path.endsWith('.md'))];
const textOf = (page: string) => readFileSync(page, 'utf8');
const schema = buildSchema(textOf('schema/api.graphql'));
/** The guide of any supergraph speaks of an example's. */
const example = buildSchema((await composeSupergraph({ file: 'examples/library/supergraph.yaml' })).apiSdl);
const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };

/** Bodies of fenced blocks in one language. */
function blocks(page: string, language: string): string[] {
  return [...textOf(page).matchAll(/```(\w+)\n([\s\S]*?)```/g)].flatMap(([, of, body = '']) =>
    of === language ? [body] : [],
  );
}

/** GraphQL that a page shows to be sent: blocks that are operations, and bodies of curl. */
function operations(page: string): string[] {
  const shown = blocks(page, 'graphql').filter(
    (text) => /^(query|mutation|subscription|\{)/m.test(text) && !/^type /m.test(text),
  );
  const posted = blocks(page, 'sh').flatMap((text) =>
    [...text.matchAll(/-d '(\{.+\})'/g)].map(([, body = '']) => JSON.parse(body).query),
  );
  return [...shown, ...posted];
}

const shown = pages.flatMap((page) => operations(page).map((operation) => [page, operation] as const));

describe('an operation shown in', () => {
  it.each(shown)('%s fits the schema: %s', (page, operation) => {
    expect(validate(page === 'docs/gateway.md' ? example : schema, parse(operation))).toEqual([]);
  });
});

describe.each(pages)('%s', (page) => {
  it('links to files that are there', () => {
    const links = [...textOf(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, to = '']) =>
      normalize(join(dirname(page), to)),
    );
    expect(links.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('names files of the tree that are there', () => {
    const named = [
      ...textOf(page).matchAll(
        /`((?:app|bench|docs|events|examples|gateway|lib|sandbox|schema|store|subgraphs|test)\/[\w./-]*)`/g,
      ),
    ];
    expect(named.map(([, path = '']) => path).filter((path) => !existsSync(path))).toEqual([]);
  });

  it('names commands that package.json has', () => {
    const named = [...textOf(page).matchAll(/npm run (?:--silent )?([a-z0-9:]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  it('names error codes and variables that the tables have', () => {
    const known = [...Object.keys(ERRORS), ...Object.keys(VARIABLES), ...USER_ERRORS];
    const named = [...textOf(page).matchAll(/`([A-Z][A-Z0-9]*_[A-Z0-9_]+)`/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });
});

/** `userErrors.code`: docs/crm.md has the table. */
const USER_ERRORS = [...textOf('docs/crm.md').matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code = '']) => code);
