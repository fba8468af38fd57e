import { describe, expect, it } from 'vitest';
import { topicsOf } from '../../../gateway/subscriptions/topics.ts';

const source = (...topics: string[]) => ({ field: 'f', topics, providerId: 'default', condition: null });
const scope = (args: Record<string, unknown>, claims: Record<string, unknown> = {}) => ({ args, claims });

describe('the topics of a subscription', () => {
  it('are sorted, each once', () => {
    expect(topicsOf(source('b', 'a', 'b'), scope({}))).toEqual(['a', 'b']);
  });

  it('take arguments and claims', () => {
    const given = scope({ nouns: ['invoice', 'quote'] }, { tenant: 'acme' });
    expect(topicsOf(source('x.{{ args.nouns }}.{{ claims.tenant }}'), given)).toEqual([
      'x.invoice.acme',
      'x.quote.acme',
    ]);
  });

  it.each(['invoice.dlq', 'a b', '', '*', '../x', 'x'.repeat(200), null, undefined, [], {}])(
    'are never reached by the argument %j',
    (noun) => {
      expect(() => topicsOf(source('stripe.{{ args.noun }}'), scope({ noun }))).toThrow(
        expect.objectContaining({ code: 'BAD_USER_INPUT' }),
      );
    },
  );

  it('need the claims they name', () => {
    expect(() => topicsOf(source('of.{{ claims.tenant }}'), scope({}))).toThrow(
      expect.objectContaining({ code: 'FORBIDDEN' }),
    );
  });
});
