/** A user as the accounts service has it. */
export interface User {
  readonly id: string;
  readonly name: string;
  readonly username: string;
}

/** A product as the products service has it. */
export interface Product {
  readonly upc: string;
  readonly name: string;
  readonly price: number;
  readonly weight: number;
}

/** A review as the reviews service has it. */
export interface Review {
  readonly id: string;
  readonly body: string;
  readonly productUpc: string;
  readonly authorId: string;
}

/** All that the four services of a scenario know. Pure: the same argument gives the same answer. */
export interface ShopData {
  users(): readonly User[];
  topProducts(first: number): readonly Product[];
  user(id: string): User | null;
  product(upc: string): Product | null;
  inStock(upc: string): boolean;
  shippingEstimate(price: number, weight: number): number;
  review(id: string): Review | null;
  reviewsOfUser(id: string): readonly Review[];
  reviewsOfProduct(upc: string): readonly Review[];
  /** What the reviews service provides about an author. */
  providedUsername(authorId: string): string;
}

const WORDS =
  'lamp table river stone window paper garden copper engine bright quiet sudden gentle narrow early distant warm plain'.split(
    ' ',
  );

/** FNV-1a (32 bits): spreads ids over attributes and over each other. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return value;
}

function sentence(seed: string, words: number): string {
  return Array.from({ length: words }, (_, index) => WORDS[hash(`${seed}:${index}`) % WORDS.length]).join(' ');
}

/**
 * A shop whose every attribute follows from an id, so that any process makes the same one. With `pool`, ids repeat: there are
 * that many users, products and reviews, and one product below authors' reviews. Without, every review, author and product
 * that a query meets is another one.
 */
export function createShopData({ pool }: { pool: number | null }): ShopData {
  const id = (kind: string, from: string) => `${kind}${pool === null ? hash(kind + from) : hash(kind + from) % pool}`;
  const user = (userId: string): User => ({
    id: userId,
    name: `Name of ${sentence(userId, 2)}`,
    username: `${sentence(userId, 1)}-${userId}`,
  });
  const product = (upc: string): Product => ({
    upc,
    name: sentence(upc, 3),
    price: hash(`price${upc}`) % 2_000,
    weight: hash(`weight${upc}`) % 1_000,
  });
  const review = (reviewId: string): Review => ({
    id: reviewId,
    body: `${sentence(reviewId, 26 + (hash(reviewId) % 60))}.`,
    productUpc: id('p', reviewId),
    authorId: id('u', reviewId),
  });
  const reviewsFrom = (from: string, count: number) =>
    Array.from({ length: count }, (_, index) => review(id('r', `${from}/${index}`)));
  return {
    users: () => Array.from({ length: 6 }, (_, index) => user(`u${index}`)),
    topProducts: (first) => Array.from({ length: first }, (_, index) => product(`p${index}`)),
    user,
    product,
    inStock: (upc) => hash(`stock${upc}`) % 2 === 0,
    shippingEstimate: (price, weight) => (price > 1_000 ? 0 : Math.trunc(weight / 2)),
    review,
    reviewsOfUser: (userId) => reviewsFrom(userId, 2),
    reviewsOfProduct: (upc) => reviewsFrom(upc, 2 + (hash(upc) % 3)),
    providedUsername: (authorId) => user(authorId).username,
  };
}
