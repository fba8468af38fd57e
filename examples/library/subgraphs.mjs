import { readFile } from 'node:fs/promises';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';

/**
 * `node examples/library/subgraphs.mjs [PORT PORT]`: the two subgraphs of supergraph.yaml, in one process. They are plain
 * Apollo servers: nothing in them knows of the gateway.
 */
const [booksPort = 4201, ratingsPort = 4202] = process.argv.slice(2).map(Number);

const BOOKS = [
  { id: '1', title: 'Persuasion', author: 'Jane Austen' },
  { id: '2', title: 'Middlemarch', author: 'George Eliot' },
  { id: '3', title: 'Villette', author: 'Charlotte Brontë' },
];
const STARS = new Map([
  ['1', 4.5],
  ['2', 5],
]);

await serve('books', booksPort, {
  Query: {
    books: () => BOOKS,
    book: (_, { id }) => BOOKS.find((book) => book.id === id) ?? null,
  },
  Book: { __resolveReference: ({ id }) => BOOKS.find((book) => book.id === id) ?? null },
});
await serve('ratings', ratingsPort, {
  Book: { __resolveReference: ({ id }) => ({ id, stars: STARS.get(id) ?? null }) },
});

async function serve(name, port, resolvers) {
  const typeDefs = parse(await readFile(new URL(`${name}.graphql`, import.meta.url), 'utf8'));
  const schema = buildSubgraphSchema([{ typeDefs, resolvers }]);
  const server = new ApolloServer({ schema, plugins: [ApolloServerPluginInlineTraceDisabled()] });
  const { url } = await startStandaloneServer(server, { listen: { host: '127.0.0.1', port } });
  process.stdout.write(`${name} answers at ${url}\n`);
}
