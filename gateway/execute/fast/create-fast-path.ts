import type { GraphQLSchema } from 'graphql';
import { Kind, visit } from 'graphql';
import { type BoundedCache, createBoundedCache } from '../../../lib/bounded-cache.ts';
import { type Logger, silentLogger } from '../../../lib/logger.ts';
import type { OperationContext } from '../../engine.ts';
import type { ShapedOperation } from '../../plan/prepare.ts';
import type { SubgraphTransport } from '../../transport/transport.ts';
import type { SelectionGroup } from '../client-selection.ts';
import type { FastPath } from '../fast-path.ts';
import type { Schedule } from '../schedule.ts';
import { compileProgram } from './compile-program.ts';
import { FastRun } from './fast-run.ts';
import type { Program } from './program.ts';
import { createTapePool } from './tape-pool.ts';
import { type LeaveReason, Unplain } from './unplain.ts';

/** How often the fast path answered, and why it did not: for metrics. */
export interface FastPathCounts {
  readonly taken: number;
  readonly left: Readonly<Partial<Record<LeaveReason, number>>>;
}

/** What the fast path is made of. */
export interface FastPathOptions {
  readonly fullSchema: GraphQLSchema;
  readonly transport: SubgraphTransport;
  readonly logger?: Logger;
}

/** Programs of one schedule: by what the client selected, then by the conditions in the plan's own operations. */
interface Programs {
  readonly conditions: readonly string[];
  readonly byGroup: WeakMap<SelectionGroup, BoundedCache<Program | LeaveReason>>;
}

const VARIANTS = 64;

/**
 * The fast tier of execution (docs/performance.md): replies are read where they lie and their text is copied into the answer,
 * so that nothing becomes an object. It answers exactly what the exact executor would, byte by byte, or leaves it to that.
 */
export function createFastPath(options: FastPathOptions): FastPath & { readonly counts: () => FastPathCounts } {
  const { fullSchema, transport, logger = silentLogger } = options;
  const { sendRaw } = transport;
  const programs = new WeakMap<Schedule, Programs>();
  const tapes = createTapePool();
  const left = new Map<LeaveReason, number>();
  let taken = 0;
  const leave = (reason: LeaveReason, { onPath }: OperationContext): null => {
    left.set(reason, (left.get(reason) ?? 0) + 1);
    onPath?.({ path: 'exact', reason });
    return null;
  };
  const programOf = (operation: ShapedOperation, schedule: Schedule): Program | LeaveReason => {
    const { variables, selection } = operation;
    const known = programs.get(schedule) ?? { conditions: conditionsOf(schedule), byGroup: new WeakMap() };
    programs.set(schedule, known);
    const group = selection.forVariables(variables);
    const variants = known.byGroup.get(group) ?? createBoundedCache<Program | LeaveReason>(VARIANTS);
    known.byGroup.set(group, variants);
    const key = known.conditions.map((name) => (variables[name] === true ? '1' : '0')).join('');
    const program =
      variants.get(key) ?? tryCompile({ fullSchema, schema: selection.schema, schedule, group, variables }, logger);
    variants.set(key, program);
    return program;
  };
  return {
    counts: () => ({ taken, left: Object.fromEntries(left) }),
    tryExecute(operation, context, schedule) {
      if (!sendRaw) return leave('transport', context);
      if (operation.denied.length > 0) return leave('denied', context);
      if (operation.kind !== 'query') return leave('mutation', context);
      const program = programOf(operation, schedule);
      if (typeof program === 'string') return leave(program, context);
      const { variables } = operation;
      return new FastRun({ program, variables, context, sendRaw, tapes }).run().then(({ outcome, reason, cause }) => {
        if (reason === null) {
          taken += 1;
          context.onPath?.({ path: 'fast', reason });
        } else leave(reason, context);
        if (reason === 'fault') logger.error({ err: cause, requestId: context.requestId }, 'The fast path failed.');
        return outcome;
      });
    },
  };
}

function tryCompile(options: Parameters<typeof compileProgram>[0], logger: Logger): Program | LeaveReason {
  try {
    if (options.schedule.deferred.length > 0) return 'deferred';
    return compileProgram(options);
  } catch (error) {
    if (error instanceof Unplain) return error.reason;
    logger.error({ err: error }, 'An operation could not be compiled for the fast path.');
    return 'fault';
  }
}

/** Variables that @skip and @include have in the operations of a schedule. */
function conditionsOf({ requests }: Schedule): string[] {
  const names = new Set<string>();
  for (const { operation } of requests)
    visit(operation.document, {
      Directive({ name, arguments: given = [] }) {
        if (name.value !== 'skip' && name.value !== 'include') return;
        for (const { value } of given) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
      },
    });
  return [...names];
}
