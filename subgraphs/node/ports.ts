/** What `node(id)` has to know of the other subgraphs; injected, because subgraphs do not import each other. */
export interface NodePorts {
  /** Id prefix → type name. */
  readonly types: Readonly<Record<string, string>>;
  /** Which of the ids stand for a record of the tenant. Given ids of known prefixes only. */
  readonly exists: (tenant: string, ids: readonly string[]) => Promise<ReadonlySet<string>>;
}
