export type { StripeObject } from './objects/stripe-object.ts';
export { type BilledAccount, type SeedOptions, seedStripe } from './seed/seed-stripe.ts';
export {
  type SandboxAccount,
  type StripeSandbox,
  type StripeSandboxOptions,
  startStripeSandbox,
} from './start-stripe-sandbox.ts';
export type { WebhookTarget } from './webhooks/deliverer.ts';
