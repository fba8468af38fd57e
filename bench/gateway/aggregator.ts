/** Posts a query to one of the four services and gives the body of its reply. */
export type Post = (service: string, body: string) => Promise<Buffer>;

interface ProductFacts {
  readonly upc: string;
  readonly name: string;
  readonly price: number;
  readonly weight: number;
}

interface StockFacts {
  readonly inStock: boolean;
  readonly shippingEstimate: number;
}

interface UserFacts {
  readonly id: string;
  readonly username: string;
  readonly name: string;
}

interface AuthorReviews {
  readonly id: string;
  readonly body: string;
  readonly product: { readonly upc: string };
}

interface ProductReviews {
  readonly id: string;
  readonly body: string;
  readonly author: { readonly id: string; readonly username: string; readonly reviews: readonly AuthorReviews[] };
}

interface UserReviews {
  readonly id: string;
  readonly body: string;
  readonly product: { readonly upc: string; readonly reviews: readonly ProductReviews[] };
}

const OF_PRODUCT = 'reviews{id body author{id username reviews{id body product{upc}}}}';
const ENTITIES = (type: string, fields: string) =>
  `query($representations:[_Any!]!){_entities(representations:$representations){...on ${type}{${fields}}}}`;
const USERS = JSON.stringify({ query: '{users{id username name}}' });
const TOP_PRODUCTS = JSON.stringify({ query: '{topProducts{upc name price weight}}' });
const USER_REVIEWS = ENTITIES('User', `reviews{id body product{upc ${OF_PRODUCT}}}`);
const PRODUCT_REVIEWS = ENTITIES('Product', OF_PRODUCT);
const NAMES = ENTITIES('User', 'name');
const PRODUCTS = ENTITIES('Product', 'name price weight');
const STOCK = ENTITIES('Product', 'inStock shippingEstimate');

/**
 * What a programmer would write who knows the operation and the services: seven fetches, each sent as soon as what it needs is
 * there, every distinct entity asked for once, answers indexed by key, the result put together as objects and written by
 * JSON.stringify. It checks nothing and knows no errors.
 */
export async function aggregate(post: Post): Promise<string> {
  const entities = async <T>(service: string, query: string, representations: readonly object[]) =>
    parse<{ _entities: T[] }>(await post(service, JSON.stringify({ query, variables: { representations } })))._entities;
  const usersAndReviews = post('accounts', USERS).then(async (body) => {
    const { users } = parse<{ users: UserFacts[] }>(body);
    const references = users.map(({ id }) => ({ __typename: 'User', id }));
    return { users, reviews: await entities<{ reviews: UserReviews[] }>('reviews', USER_REVIEWS, references) };
  });
  const topAndReviews = post('products', TOP_PRODUCTS).then(async (body) => {
    const { topProducts } = parse<{ topProducts: ProductFacts[] }>(body);
    const references = topProducts.map(({ upc }) => ({ __typename: 'Product', upc }));
    return {
      topProducts,
      reviews: await entities<{ reviews: ProductReviews[] }>('reviews', PRODUCT_REVIEWS, references),
    };
  });
  const [ofUsers, ofTop] = await Promise.all([usersAndReviews, topAndReviews]);
  const needed = collect(ofUsers.reviews, ofTop.reviews);
  const facts = new Map(ofTop.topProducts.map((product) => [product.upc, product]));
  const unknown = [...needed.upcs].filter((upc) => !facts.has(upc));
  const userIds = [...needed.userIds];
  const namesLater = entities<{ name: string }>(
    'accounts',
    NAMES,
    userIds.map((id) => ({ __typename: 'User', id })),
  );
  const found = await entities<Omit<ProductFacts, 'upc'>>(
    'products',
    PRODUCTS,
    unknown.map((upc) => ({ __typename: 'Product', upc })),
  );
  unknown.forEach((upc, index) => {
    facts.set(upc, { ...(found[index] as ProductFacts), upc });
  });
  const all = [...facts.values()];
  const stock = await entities<StockFacts>(
    'inventory',
    STOCK,
    all.map(({ upc, price, weight }) => ({ __typename: 'Product', price, weight, upc })),
  );
  const names = await namesLater;
  const nameOf = new Map(userIds.map((id, index) => [id, names[index]?.name]));
  const productOf = new Map(all.map((product, index) => [product.upc, toProduct(product, stock[index] as StockFacts)]));
  return JSON.stringify({
    data: {
      users: ofUsers.users.map(({ id, username, name }, index) => ({
        id,
        username,
        name,
        reviews: ofUsers.reviews[index]?.reviews.map(({ id, body, product }) => ({
          id,
          body,
          product: { ...productOf.get(product.upc), reviews: shapeReviews(product.reviews, nameOf, productOf) },
        })),
      })),
      topProducts: ofTop.topProducts.map(({ upc }, index) => ({
        ...productOf.get(upc),
        reviews: shapeReviews(ofTop.reviews[index]?.reviews ?? [], nameOf, productOf),
      })),
    },
  });
}

type Shaped = ReturnType<typeof toProduct>;

function toProduct({ upc, name, price, weight }: ProductFacts, { inStock, shippingEstimate }: StockFacts) {
  return { inStock, name, price, shippingEstimate, upc, weight };
}

function shapeReviews(
  reviews: readonly ProductReviews[],
  nameOf: ReadonlyMap<string, string | undefined>,
  productOf: ReadonlyMap<string, Shaped>,
) {
  return reviews.map(({ id, body, author }) => ({
    id,
    body,
    author: {
      id: author.id,
      username: author.username,
      name: nameOf.get(author.id),
      reviews: author.reviews.map(({ id, body, product }) => ({ id, body, product: productOf.get(product.upc) })),
    },
  }));
}

function collect(ofUsers: readonly { reviews: UserReviews[] }[], ofTop: readonly { reviews: ProductReviews[] }[]) {
  const upcs = new Set<string>();
  const userIds = new Set<string>();
  const walk = (reviews: readonly ProductReviews[]) => {
    for (const { author } of reviews) {
      userIds.add(author.id);
      for (const { product } of author.reviews) upcs.add(product.upc);
    }
  };
  for (const { reviews } of ofUsers)
    for (const { product } of reviews) {
      upcs.add(product.upc);
      walk(product.reviews);
    }
  for (const { reviews } of ofTop) walk(reviews);
  return { upcs, userIds };
}

function parse<T>(body: Buffer): T {
  return (JSON.parse(body.toString('utf8')) as { data: T }).data;
}
