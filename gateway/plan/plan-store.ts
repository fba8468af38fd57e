/**
 * Plans that outlive the process. What it loads was once saved for the same schema and key; it never fails, because an
 * operation can always be planned anew.
 */
export interface PlanStore {
  /** The plan as JSON; null when there is none or it is damaged. */
  load(schemaHash: string, key: string): Promise<string | null>;
  save(schemaHash: string, key: string, plan: string): Promise<void>;
}
