import { type EventSource, readEventSources } from '../supergraph/event-sources.ts';
import { checkCondition } from './filter.ts';
import { checkTemplate } from './template.ts';

/** The supergraph's event sources, their filters and templates checked. AppError SUPERGRAPH_INVALID when one cannot be used. */
export function checkEventSources(supergraphSdl: string): ReadonlyMap<string, EventSource> {
  const sources = readEventSources(supergraphSdl);
  for (const { topics, condition } of sources.values()) {
    for (const topic of topics) checkTemplate(topic);
    if (condition) checkCondition(condition);
  }
  return sources;
}
