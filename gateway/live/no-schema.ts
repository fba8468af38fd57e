import { GraphQLSchema } from 'graphql';
import { OperationRejected } from '../engine.ts';

/** Stands where a schema will be. */
export const NO_SCHEMA = new GraphQLSchema({});

/** The refusal of every operation before there is a schema. */
export function noSchemaYet(): OperationRejected {
  const message = 'There is no schema yet; try again in a moment.';
  return new OperationRejected([{ message, extensions: { code: 'SCHEMA_UNAVAILABLE' } }], 503);
}
