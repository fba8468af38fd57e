import { startStripeSandbox } from '../../../sandbox/stripe/index.ts';

/** A sandbox in a process of its own, to be killed: folder and webhook address as arguments; says its address on standard output. */
const [, , dataDir = '', hook = ''] = process.argv;
const webhook = { url: hook, secret: 'whsec_sandbox' };
startStripeSandbox({ port: 0, dataDir, accounts: [{ id: 'a', apiKeys: ['sk_test_a'], webhook }] }).then(
  ({ url }) => process.stdout.write(`${url}\n`),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
