/** Who may import whom (docs/architecture.md). Each comment says what to do instead. */
const own = '^(app|bench|console|events|gateway|lib|machines|sandbox|store|subgraphs|test)/';

/** A layer may import only what is named; `allowed` holds path patterns. */
function layer(name, from, allowed, comment) {
  return { name, severity: 'error', comment, from: { path: from }, to: { path: own, pathNot: allowed } };
}

/** A package that one file keeps behind its port. */
function behind(name, packages, home, comment) {
  return {
    name,
    severity: 'error',
    comment,
    from: { path: own, pathNot: [home, '^(test|bench)/'] },
    to: { path: `node_modules/(${packages})/` },
  };
}

export default {
  forbidden: [
    layer(
      'lib-is-a-leaf',
      '^lib/',
      ['^lib/'],
      'lib imports packages only: move what it needs into lib, or the code out of it.',
    ),
    layer(
      'events-on-lib',
      '^events/',
      ['^(events|lib)/'],
      'events knows no store and no service: take what it needs as a parameter.',
    ),
    layer(
      'store-on-events',
      '^store/',
      ['^(store|events|lib)/'],
      'store knows no subgraph and no gateway: let the caller pass it in.',
    ),
    layer(
      'machines-are-pure',
      '^machines/',
      ['^machines/', '^events/catalog'],
      'a machine is data and pure functions: do I/O in subgraphs/processes.',
    ),
    layer(
      'gateway-names-no-service',
      '^gateway/',
      ['^(gateway|events|lib)/'],
      'the gateway serves any supergraph: pass services in from app/.',
    ),
    layer(
      'kit-names-no-service',
      '^subgraphs/kit/',
      ['^subgraphs/kit/', '^(store|events|lib)/'],
      'the kit is shared by all subgraphs: a service gives it what it needs.',
    ),
    layer(
      'subgraphs-stand-alone',
      '^subgraphs/(?!kit/)([^/]+)/',
      ['^subgraphs/(kit|$1)/', '^(store|events|lib)/', '^machines/'],
      'subgraphs meet in the graph or in an event, never in an import.',
    ),
    {
      name: 'subgraphs-not-each-other',
      severity: 'error',
      comment: 'subgraphs meet in the graph or in an event, never in an import.',
      from: { path: '^subgraphs/([^/]+)/' },
      to: { path: '^subgraphs/([^/]+)/', pathNot: ['^subgraphs/$1/', '^subgraphs/kit/'] },
    },
    {
      name: 'machines-only-for-processes',
      severity: 'error',
      comment: 'only subgraphs/processes runs machines: send it an event or a command.',
      from: { path: '^subgraphs/(?!processes/)' },
      to: { path: '^machines/' },
    },
    layer(
      'sandbox-on-lib',
      '^sandbox/',
      ['^(sandbox|lib)/'],
      'a sandbox stands in for somebody else: it may not know our insides.',
    ),
    layer(
      'nothing-imports-app',
      '^(?!app/|test/|bench/)',
      ['^(?!app/)'],
      'app only wires: move the logic to the layer it belongs to.',
    ),
    layer(
      'nothing-imports-tests',
      '^(?!test/|bench/)',
      ['^(?!test/|bench/)'],
      'tests and benches import, they are not imported.',
    ),
    behind('kafkajs-behind-the-bus', 'kafkajs', '^events/kafka', 'speak to the Bus port (events/bus.ts).'),
    behind(
      'lmdb-behind-its-owners',
      'lmdb',
      '^(store/embedded|events/embedded|sandbox)',
      'speak to mongoose or to the Bus.',
    ),
    behind(
      'shield-behind-the-kit',
      'graphql-shield|graphql-middleware',
      '^subgraphs/kit/',
      'write scopes in SDL; the kit derives the rules.',
    ),
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'split the file that both sides need.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'packages-are-declared',
      severity: 'error',
      comment: 'add the package to package.json, pinned.',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'unknown'] },
    },
    {
      name: 'no-dev-packages-at-runtime',
      severity: 'error',
      comment: 'what runs in production is a dependency, not a devDependency.',
      from: { path: own, pathNot: '^(test|bench)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: 'node_modules/@types/' },
    },
    {
      name: 'resolves',
      severity: 'error',
      comment: 'the import leads nowhere.',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Packages of their own, with their own package.json.
    exclude: { path: '^bench/peers/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
