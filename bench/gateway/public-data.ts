import type { Product, ShopData, User } from './data.ts';

/** `data.json` of the public scenario. */
interface PublicFile {
  readonly USERS: readonly User[];
  readonly PRODUCTS: readonly Product[];
  readonly INVENTORY: readonly { readonly upc: string; readonly in_stock: boolean }[];
  readonly REVIEWS: readonly {
    readonly id: string;
    readonly body: string;
    readonly product: { readonly upc: string };
  }[];
}

/**
 * The public scenario's shop, by the rules of its benchmark: the author of every review is the first user, a user's reviews
 * are the first two there are, and reviews provides the author's username as it is.
 */
export function readPublicData(json: string): ShopData {
  const { USERS, PRODUCTS, INVENTORY, REVIEWS } = JSON.parse(json) as PublicFile;
  const reviews = REVIEWS.map(({ id, body, product }) => ({
    id,
    body,
    productUpc: product.upc,
    authorId: USERS[0]?.id ?? '',
  }));
  return {
    users: () => USERS,
    topProducts: (first) => PRODUCTS.slice(0, first),
    user: (id) => USERS.find((user) => user.id === id) ?? null,
    product: (upc) => PRODUCTS.find((product) => product.upc === upc) ?? null,
    inStock: (upc) => INVENTORY.find((item) => item.upc === upc)?.in_stock ?? false,
    shippingEstimate: (price, weight) => (price > 1_000 ? 0 : Math.trunc(weight / 2)),
    review: (id) => reviews.find((review) => review.id === id) ?? null,
    reviewsOfUser: () => reviews.slice(0, 2),
    reviewsOfProduct: (upc) => reviews.filter((review) => review.productUpc === upc),
    providedUsername: () => USERS[0]?.username ?? '',
  };
}
