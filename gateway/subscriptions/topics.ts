import { AppError } from '../../lib/errors.ts';
import type { EventSource } from '../supergraph/event-sources.ts';
import { render, type TemplateScope } from './template.ts';

/** What an argument or claim may put into a topic's name: no dot, so that it never reaches beyond its segment (`….dlq`). */
const SEGMENT = /^[A-Za-z0-9_-]{1,128}$/;

/** What the template of a topic stands for, one name or several (a list argument). */
function renderTopic(template: string, scope: TemplateScope): readonly string[] {
  if (!template.includes('{{')) return [template];
  // Each value is checked on its own: rendered without its surroundings.
  for (const [placeholder] of template.matchAll(/\{\{.*?\}\}/g)) {
    const { values, absent } = render(placeholder, scope);
    if (absent === 'claims')
      throw new AppError('FORBIDDEN', 'The caller’s token lacks a claim this subscription needs.');
    if (!values?.every((value) => value !== null && SEGMENT.test(value)))
      throw new AppError('BAD_USER_INPUT', 'An argument of this subscription names no event stream.');
  }
  return (render(template, scope).values ?? []).filter((topic) => topic !== null);
}

/**
 * The topics of a subscription, sorted, each once.
 * AppError BAD_USER_INPUT for an argument that cannot be part of a topic's name, FORBIDDEN for a claim that is absent.
 */
export function topicsOf(source: EventSource, scope: TemplateScope): readonly string[] {
  const topics = [...new Set(source.topics.flatMap((template) => renderTopic(template, scope)))].sort();
  if (topics.length === 0)
    throw new AppError('BAD_USER_INPUT', 'The arguments of this subscription name no event stream.');
  return topics;
}
