/** Where `npm run worker -- webhooks` listens unless told: between the subgraphs and the sandboxes. */
export const WEBHOOKS_PORT = 4090;
