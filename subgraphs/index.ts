import { crm } from './crm/index.ts';
import type { ServiceDefinition } from './kit/service.ts';
import { stripe } from './stripe/index.ts';

/** Every service, in the order of supergraph.yaml. `node` comes last and is made over these: it asks them which ids exist. */
export const services: readonly ServiceDefinition[] = [crm, stripe];
