import type { Execution } from './execution.ts';
import { runEntities } from './run-entities.ts';
import { runRoot } from './run-root.ts';
import type { ScheduledRequest } from './schedule.ts';

/**
 * Runs requests, each as soon as all it waits for are finished; `done` holds what runs or ran before and is added to.
 * Resolves when all of them are finished. Never rejects.
 */
export async function runRequests(
  requests: readonly ScheduledRequest[],
  execution: Execution,
  done: Map<ScheduledRequest, Promise<void>>,
): Promise<void> {
  for (const request of requests) {
    const before = request.after.flatMap((other) => done.get(other) ?? []);
    const [first, ...more] = before;
    const ready = more.length === 0 ? first : Promise.all(before);
    done.set(request, ready ? ready.then(() => runRequest(request, execution)) : runRequest(request, execution));
  }
  await Promise.all(requests.map((request) => done.get(request)));
}

function runRequest(request: ScheduledRequest, execution: Execution): Promise<void> {
  const compiled = execution.compile(request);
  if (request.kind === 'root' && compiled.kind === 'root') return runRoot(request, compiled.fields, execution);
  if (request.kind === 'entities' && compiled.kind === 'entities')
    return runEntities(request, compiled.lists, execution);
  return Promise.resolve();
}
