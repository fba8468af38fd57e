const { FUZZ_SEED, FUZZ_CASES } = process.env;

/** Where the fuzzer starts: the same every time, so that CI is calm, unless `FUZZ_SEED` is a number or `random`. */
export const SEED = FUZZ_SEED === 'random' ? Date.now() % 1e9 : Number(FUZZ_SEED ?? 1);

/** How many operations are tried, about (some are not valid and count for nothing); `FUZZ_CASES` says otherwise. */
export const CASES = Number(FUZZ_CASES ?? 5_400);
