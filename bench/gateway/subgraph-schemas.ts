import { buildSubgraphSchema } from '@apollo/subgraph';
import { type GraphQLSchema, parse } from 'graphql';
import type { Product, ShopData } from './data.ts';

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires", "@provides", "@shareable"])';

/** SDL of the four services, by name. */
export const SUBGRAPH_SDL: Readonly<Record<string, string>> = {
  accounts: `${LINK}
    type Query { me: User  user(id: ID!): User  users: [User] }
    type User @key(fields: "id") { id: ID!  name: String  username: String @shareable  birthday: Int }`,
  inventory: `${LINK}
    type Product @key(fields: "upc") {
      upc: String!  weight: Int @external  price: Int @external
      inStock: Boolean  shippingEstimate: Int @requires(fields: "price weight")
    }`,
  products: `${LINK}
    type Query { topProducts(first: Int = 5): [Product] }
    type Product @key(fields: "upc") { upc: String!  name: String  price: Int  weight: Int }`,
  reviews: `${LINK}
    type Review @key(fields: "id") { id: ID!  body: String  product: Product  author: User @provides(fields: "username") }
    type User @key(fields: "id") { id: ID!  username: String @external  reviews: [Review] }
    type Product @key(fields: "upc") { upc: String!  reviews: [Review] }`,
};

/** The same in the words of Federation 1: what the services say of themselves to a gateway that asks (`_service`). */
export const FIRST_FEDERATION_SDL: Readonly<Record<string, string>> = {
  accounts: `extend type Query { me: User  user(id: ID!): User  users: [User] }
    type User @key(fields: "id") { id: ID!  name: String  username: String  birthday: Int }`,
  inventory: `extend type Product @key(fields: "upc") {
      upc: String! @external  weight: Int @external  price: Int @external
      inStock: Boolean  shippingEstimate: Int @requires(fields: "price weight")
    }`,
  products: `extend type Query { topProducts(first: Int = 5): [Product] }
    type Product @key(fields: "upc") { upc: String!  name: String  price: Int  weight: Int }`,
  reviews: `type Review @key(fields: "id") { id: ID!  body: String  product: Product  author: User @provides(fields: "username") }
    extend type User @key(fields: "id") { id: ID! @external  username: String @external  reviews: [Review] }
    extend type Product @key(fields: "upc") { upc: String! @external  reviews: [Review] }`,
};

type Resolvers = NonNullable<
  Exclude<Parameters<typeof buildSubgraphSchema>[0], { kind: unknown } | readonly unknown[]>
>;
type ResolverMap = NonNullable<Extract<Resolvers, { resolvers?: unknown }>['resolvers']>;

/** Executable schemas of the four services over one shop: what fills the replies that the bench plays back. */
export function createSubgraphSchemas(shop: ShopData): Record<string, GraphQLSchema> {
  const resolvers = resolversOf(shop);
  return Object.fromEntries(
    Object.entries(SUBGRAPH_SDL).map(([name, sdl]) => [
      name,
      buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers[name] ?? {} }),
    ]),
  );
}

function resolversOf(shop: ShopData): Record<string, ResolverMap> {
  return {
    accounts: {
      Query: { me: () => shop.users()[0], user: (_, { id }) => shop.user(id), users: () => shop.users() },
      User: { __resolveReference: ({ id }: { id: string }) => shop.user(id) },
    },
    inventory: {
      Product: {
        __resolveReference: (product: Product) => ({ ...product, inStock: shop.inStock(product.upc) }),
        shippingEstimate: ({ price, weight }: Product) => shop.shippingEstimate(price, weight),
      },
    },
    products: {
      Query: { topProducts: (_, { first }) => shop.topProducts(first) },
      Product: { __resolveReference: ({ upc }: Product) => shop.product(upc) },
    },
    reviews: {
      Review: {
        __resolveReference: ({ id }: { id: string }) => shop.review(id),
        product: ({ productUpc }: { productUpc: string }) => ({ upc: productUpc }),
        author: ({ authorId }: { authorId: string }) => ({ id: authorId, username: shop.providedUsername(authorId) }),
      },
      User: { reviews: ({ id }: { id: string }) => shop.reviewsOfUser(id) },
      Product: { reviews: ({ upc }: Product) => shop.reviewsOfProduct(upc) },
    },
  };
}
