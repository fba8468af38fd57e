import type { CommandRun } from '../commands/command-run.ts';
import type { Document } from '../value/codec.ts';
import type { Variables } from './expressions.ts';
import type { Rows } from './rows.ts';

/** What stages know of the pipeline they are part of. */
export interface PipelineContext {
  readonly run: CommandRun;
  readonly variables: Variables;
  /** A pipeline over another collection of the database (null: over none), with more variables. */
  open(collection: string | null, pipeline: readonly Document[], variables: Variables): Rows;
}
