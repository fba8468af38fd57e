import { type DocumentNode, type GraphQLSchema, isObjectType } from 'graphql';
import { applyMiddleware, type IMiddlewareFunction, type IMiddlewareTypeMap } from 'graphql-middleware';
import { AppError } from '../../lib/errors.ts';
import { missingScopes } from '../../lib/identity.ts';
import { bothOf, readScopePolicy, type ScopeRequirement } from '../../lib/scope-directives.ts';
import type { SubgraphContext } from './service.ts';
import { rule, shield } from './shield.ts';

type Rule = ReturnType<ReturnType<typeof rule>>;
type Middleware = (
  resolve: () => unknown,
  parent: unknown,
  args: unknown,
  context: SubgraphContext,
  info: unknown,
) => unknown;
type FieldMap = Record<string, Record<string, string>>;

/** What the SDL demands of each field of an object type: type name → field name → requirement, type rules ANDed in. */
export function readFieldRules(schema: GraphQLSchema, document: DocumentNode): Map<string, ScopeRequirement> {
  const policy = readScopePolicy(document);
  const rules = new Map<string, ScopeRequirement>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.keys(type.getFields())) {
      const found = [policy.get(type.name), policy.get(`${type.name}.${field}`)].filter((one) => one !== undefined);
      if (found.length > 0) rules.set(`${type.name}.${field}`, bothOf(...found));
    }
  }
  return rules;
}

/**
 * The schema with a graphql-shield rule, made from the SDL's `@requiresScopes` and `@authenticated`, on each field that has one.
 * A denied field answers AppError FORBIDDEN with `missingScopes`. Other fields are left bare: shield would slow them for nothing,
 * and a test holds that no root field is without a rule. The context must be fresh for each operation: verdicts are kept in it.
 */
export function guardSchema(schema: GraphQLSchema, document: DocumentNode): GraphQLSchema {
  const requirements = readFieldRules(schema, document);
  if (requirements.size === 0) return schema;
  const verdicts = new Verdicts();
  const rules: Record<string, Record<string, Rule>> = {};
  const names: FieldMap = {};
  for (const [coordinate, requirement] of requirements) {
    const [type = '', field = ''] = coordinate.split('.');
    const found = verdicts.ruleOf(requirement);
    rules[type] = { ...rules[type], [field]: found };
    names[type] = { ...names[type], [field]: found.name };
  }
  const generated = shield(rules, { allowExternalErrors: true }).generate(schema) as IMiddlewareTypeMap;
  return applyMiddleware(schema, keepGuarded(generated, names, verdicts));
}

/** One shield rule per distinct requirement, and what they allowed in which context. */
class Verdicts {
  readonly #rules = new Map<string, Rule>();
  readonly #allowed = new WeakMap<SubgraphContext, Set<string>>();

  ruleOf(requirement: ScopeRequirement): Rule {
    const name = JSON.stringify(requirement);
    const known = this.#rules.get(name);
    if (known) return known;
    const made = rule(name, { cache: 'contextual' })((_parent, _args, context: SubgraphContext) => {
      const missing = missingScopes(context.identity.scopes, requirement);
      if (missing.length > 0) return denied(missing);
      this.#allow(context, name);
      return true;
    });
    this.#rules.set(name, made);
    return made;
  }

  #allow(context: SubgraphContext, name: string): void {
    const allowed = this.#allowed.get(context);
    if (allowed) allowed.add(name);
    else this.#allowed.set(context, new Set([name]));
  }

  isAllowed(context: SubgraphContext, name: string): boolean {
    return this.#allowed.get(context)?.has(name) ?? false;
  }
}

/** Shield wraps every field, ruled or not; only the ruled ones are kept, and a rule that held once in an operation is not asked again. */
function keepGuarded(generated: IMiddlewareTypeMap, names: FieldMap, verdicts: Verdicts): IMiddlewareTypeMap {
  const keepField = (type: string, field: string, name: string): IMiddlewareFunction => {
    const ask = (generated[type] as Record<string, Middleware>)[field] as Middleware;
    const guard: Middleware = (resolve, parent, args, context, info) =>
      verdicts.isAllowed(context, name) ? resolve() : ask(resolve, parent, args, context, info);
    return guard as IMiddlewareFunction;
  };
  return Object.fromEntries(
    Object.entries(names).map(([type, fields]) => [
      type,
      Object.fromEntries(Object.entries(fields).map(([field, name]) => [field, keepField(type, field, name)])),
    ]),
  );
}

function denied(missing: readonly string[]): AppError {
  return new AppError('FORBIDDEN', `This needs the scope ${missing.join(' and ')}.`, {
    extensions: { missingScopes: missing },
  });
}
