import { type Mutation, mutate, type Outcome } from '../../kit/mutate.ts';
import type { Resolver, SubgraphContext } from '../../kit/service.ts';
import type { Crm } from '../client.ts';
import { createRecord } from './create-record.ts';
import type { Input, RecordKind } from './record-kind.ts';
import type { RecordRow } from './record-row.ts';
import { deleteRecord, updateRecord } from './update-record.ts';
import { findRecord } from './write-record.ts';

const VERBS = { Create: createRecord, Update: updateRecord, Delete: deleteRecord } as const;

/** The resolvers of `xCreate`, `xUpdate` and `xDelete` of a kind; each payload holds the record under the kind's name. */
export function recordMutations<R extends RecordRow>(crm: Crm, kind: RecordKind<R>): Record<string, Resolver> {
  const noun = kind.typename.charAt(0).toLowerCase() + kind.typename.slice(1);
  const resolverOf = (verb: keyof typeof VERBS): Resolver => {
    const name = `${noun}${verb}`;
    return async (_parent, { input }: { input: Input }, context) => {
      const { record, userErrors } = await run(crm, kind, context, { name, input, verb });
      return { [noun]: record, userErrors };
    };
  };
  const verbs = Object.keys(VERBS) as (keyof typeof VERBS)[];
  return Object.fromEntries(verbs.map((verb) => [`${noun}${verb}`, resolverOf(verb)]));
}

function run<R extends RecordRow>(
  crm: Crm,
  kind: RecordKind<R>,
  context: SubgraphContext,
  { name, input, verb }: { name: string; input: Input; verb: keyof typeof VERBS },
): Promise<Outcome<R>> {
  const mutation: Mutation<R> = {
    name,
    input,
    write: (session, errors) => VERBS[verb]({ crm, kind, context, session }, input, errors),
    read: (id, session) => findRecord({ crm, kind, context, session }, id),
  };
  return mutate(crm, context, mutation);
}
