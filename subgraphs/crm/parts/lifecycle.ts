import type { UserErrors } from '../../kit/user-errors.ts';

/** The stages in their order; OTHER stands outside it. HubSpot's eight. */
export const LIFECYCLE_STAGES = [
  'SUBSCRIBER',
  'LEAD',
  'MARKETING_QUALIFIED',
  'SALES_QUALIFIED',
  'OPPORTUNITY',
  'CUSTOMER',
  'EVANGELIST',
  'OTHER',
] as const;

/** How far a relation has come. */
export type LifecycleStage = (typeof LIFECYCLE_STAGES)[number];

/** Whether the move goes to an earlier stage. To nothing is backward too; from nothing, from OTHER and to OTHER is not. */
export function isBackward(from: LifecycleStage | null, to: LifecycleStage | null): boolean {
  if (from === null || from === 'OTHER' || to === 'OTHER') return false;
  return to === null || LIFECYCLE_STAGES.indexOf(to) < LIFECYCLE_STAGES.indexOf(from);
}

/** Adds LIFECYCLE_BACKWARD unless the move goes forward or is forced. */
export function checkLifecycle(
  from: LifecycleStage | null,
  to: LifecycleStage | null,
  isForced: boolean,
  errors: UserErrors,
): void {
  if (!isForced && isBackward(from, to))
    errors.add(
      'LIFECYCLE_BACKWARD',
      'lifecycleStage',
      `The stage would go back from ${from} to ${to ?? 'none'}; forceLifecycleStage lets it.`,
    );
}
