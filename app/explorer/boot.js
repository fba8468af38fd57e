// Runs in the browser, before Altair: learns who one may be and which examples there are, then starts it.

const ownOrigin = { headers: { 'x-tributary-explorer': '1' } };

async function read(path, fallback) {
  const response = await fetch(path, ownOrigin);
  return response.ok ? response.json() : fallback;
}

function toEnvironments(people) {
  return {
    base: { title: 'Environment', variables: {} },
    activeSubEnvironment: people[0]?.subject,
    subEnvironments: people.map(({ subject, name, role, tenant, token }) => ({
      id: subject,
      title: `${name} · ${role} · ${tenant}`,
      variables: { token },
    })),
  };
}

const [people, examples] = await Promise.all([read('people', []), read('examples', [])]);
const authorization = people.length > 0 ? 'Bearer {{token}}' : 'Bearer ';

/** Of every window, those one adds later too. The gateway reads `authorization` as a header and in graphql-ws's connection_init. */
const connection = {
  endpointURL: `${location.origin}/graphql`,
  subscriptionsEndpoint: `${location.origin.replace(/^http/, 'ws')}/graphql`,
  initialSubscriptionRequestHandlerId: 'graphql-ws',
  initialHeaders: { Authorization: authorization },
  initialSubscriptionsPayload: { authorization },
};

window.AltairGraphQL.init({
  ...connection,
  initialWindows: examples.map(({ name, query, variables }) => ({
    ...connection,
    initialName: name,
    initialQuery: query,
    initialVariables: variables,
  })),
  initialEnvironments: toEnvironments(people),
  // Tokens are fresh at each load and belong to nothing that lasts.
  preserveState: false,
  instanceStorageNamespace: 'tributary_',
  disableAccount: true,
  initialSettings: {
    'alert.disableUpdateNotification': true,
    'alert.disableWarnings': true,
    'banners.disable': true,
    disablePushNotification: true,
    'schema.reloadOnStart': true,
    'request.withCredentials': false,
    theme: 'system',
  },
});
