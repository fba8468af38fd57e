/** The standard operation: what the public scenario asks for, too. */
export const NESTED = `
fragment User on User { id username name }
fragment Review on Review { id body }
fragment Product on Product { inStock name price shippingEstimate upc weight }
query Nested {
  users { ...User reviews { ...Review product { ...Product reviews { ...Review author { ...User
    reviews { ...Review product { ...Product } } } } } } }
  topProducts { ...Product reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } } }
}`;

/** One fetch, about 1 kB of answer. */
export const SMALL = 'query Small($first: Int) { topProducts(first: $first) { upc name price weight } }';

/** Four fetches whose size follows `$first`. */
export const GROWING =
  'query Growing($first: Int) { topProducts(first: $first) { upc name price inStock shippingEstimate reviews { id body author { id username name } } } }';
