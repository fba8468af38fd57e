export type { StripeObject } from './objects/stripe-object.ts';
export { type BilledAccount, seedStripe } from './seed/seed-stripe.ts';
export { type SandboxAccount, type StripeSandbox, startStripeSandbox } from './start-stripe-sandbox.ts';
