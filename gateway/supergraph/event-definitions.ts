import { type DefinitionNode, type DirectiveDefinitionNode, Kind, parse } from 'graphql';

/**
 * Cosmo's event-driven directives (EDFS), as subgraphs that use them define them. Helper types carry the `openfed__` prefix:
 * elements named after a linked specification stay out of the schema clients see.
 * Source: cosmo-docs.wundergraph.com, "Event-Driven Federated Subscriptions".
 */
const DEFINITIONS = parse(
  /* GraphQL */ `
  directive @edfs__kafkaSubscribe(topics: [String!]!, providerId: String! = "default") on FIELD_DEFINITION
  directive @edfs__kafkaPublish(topic: String!, providerId: String! = "default") on FIELD_DEFINITION
  directive @edfs__natsRequest(subject: String!, providerId: String! = "default") on FIELD_DEFINITION
  directive @edfs__natsPublish(subject: String!, providerId: String! = "default") on FIELD_DEFINITION
  directive @edfs__natsSubscribe(
    subjects: [String!]!
    providerId: String! = "default"
    streamConfiguration: openfed__NatsStreamConfiguration
  ) on FIELD_DEFINITION
  directive @edfs__redisPublish(channel: String!, providerId: String! = "default") on FIELD_DEFINITION
  directive @edfs__redisSubscribe(channels: [String!]!, providerId: String! = "default") on FIELD_DEFINITION
  directive @openfed__subscriptionFilter(condition: openfed__SubscriptionFilterCondition!) on FIELD_DEFINITION
  input openfed__NatsStreamConfiguration {
    consumerInactiveThreshold: Int! = 30
    consumerName: String!
    streamName: String!
  }
  scalar openfed__SubscriptionFilterValue
  input openfed__SubscriptionFieldCondition {
    fieldPath: String!
    values: [openfed__SubscriptionFilterValue]!
  }
  input openfed__SubscriptionFilterCondition {
    AND: [openfed__SubscriptionFilterCondition!]
    IN: openfed__SubscriptionFieldCondition
    NOT: openfed__SubscriptionFilterCondition
    OR: [openfed__SubscriptionFilterCondition!]
  }
`,
  { noLocation: true },
).definitions;

/** The type that publishing mutations return; it stays public, so its name must not look like a specification's. */
export const PUBLISH_RESULT = 'edfs__PublishResult';

/** Which helper types each directive needs. */
const NEEDS: Readonly<Record<string, RegExp>> = {
  edfs__natsSubscribe: /^openfed__NatsStreamConfiguration$/,
  openfed__subscriptionFilter: /^openfed__SubscriptionFi/,
};

/** Whether `name` is one of the event directives. */
export function isEventDirective(name: string): boolean {
  return DEFINITIONS.some((node) => node.kind === Kind.DIRECTIVE_DEFINITION && node.name.value === name);
}

/** The definitions of the named event directives and of the types they use. */
export function definitionsFor(names: ReadonlySet<string>): DefinitionNode[] {
  const types = [...names].flatMap((name) => NEEDS[name] ?? []);
  return DEFINITIONS.filter((node) => {
    if (isDirective(node)) return names.has(node.name.value);
    return 'name' in node && node.name !== undefined && types.some((pattern) => pattern.test(node.name?.value ?? ''));
  });
}

function isDirective(node: DefinitionNode): node is DirectiveDefinitionNode {
  return node.kind === Kind.DIRECTIVE_DEFINITION;
}
