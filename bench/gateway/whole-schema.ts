import { buildSchema, type ExecutionResult, graphqlSync } from 'graphql';
import type { Product, Review, ShopData, User } from './data.ts';

/** The graph as one server would have it. */
const SDL = `
  type Query { me: User  user(id: ID!): User  users: [User]  topProducts(first: Int = 5): [Product] }
  type User { id: ID!  name: String  username: String  reviews: [Review] }
  type Product { upc: String!  name: String  price: Int  weight: Int  inStock: Boolean  shippingEstimate: Int  reviews: [Review] }
  type Review { id: ID!  body: String  product: Product  author: User }`;

/** The answer every gateway must give, byte by byte: graphql-js over the unsplit graph. */
export function expectedAnswer(shop: ShopData, source: string, variableValues: Record<string, unknown>): string {
  const schema = buildSchema(SDL);
  const rootValue = {
    me: () => toUser(shop, shop.users()[0] as User),
    user: ({ id }: { id: string }) => toUser(shop, shop.user(id) as User),
    users: () => shop.users().map((user) => toUser(shop, user)),
    topProducts: ({ first }: { first: number }) => shop.topProducts(first).map((product) => toProduct(shop, product)),
  };
  const { data, errors }: ExecutionResult = graphqlSync({ schema, source, rootValue, variableValues });
  if (errors) throw new Error(`The bench's own operation fails: ${errors[0]?.message}`);
  return JSON.stringify({ data });
}

function toUser(shop: ShopData, user: User): object {
  return { ...user, reviews: () => shop.reviewsOfUser(user.id).map((review) => toReview(shop, review)) };
}

function toProduct(shop: ShopData, product: Product): object {
  const { upc, price, weight } = product;
  return {
    ...product,
    inStock: () => shop.inStock(upc),
    shippingEstimate: () => shop.shippingEstimate(price, weight),
    reviews: () => shop.reviewsOfProduct(upc).map((review) => toReview(shop, review)),
  };
}

function toReview(shop: ShopData, review: Review): object {
  return {
    ...review,
    product: () => toProduct(shop, shop.product(review.productUpc) as Product),
    author: () => ({
      ...toUser(shop, shop.user(review.authorId) as User),
      username: shop.providedUsername(review.authorId),
    }),
  };
}
