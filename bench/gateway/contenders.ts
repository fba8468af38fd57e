import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A gateway, or what stands in for one, as a command line. */
export interface Contender {
  readonly name: string;
  /** Of the package that does the work; null for what is here in the tree. */
  readonly version: string | null;
  readonly nodeFlags: readonly string[];
  /** Script and arguments after `node`. */
  command(started: Started): readonly string[];
  readonly env?: (started: Started) => Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Why it cannot take part; null when it can. */
  readonly absent: string | null;
}

/** What a contender is started for. */
export interface Started {
  readonly supergraphFile: string;
  /** Where the data set's subgraphs are. */
  readonly base: string;
  readonly port: number;
}

/** Where things are: the project, and its sources as JavaScript. */
export interface Places {
  readonly root: string;
  readonly out: string;
}

const ourOptions = ({ supergraphFile, port }: Started) => ['--supergraph', supergraphFile, '--port', String(port)];

/** Our gateway; `args` are those of own-process.ts. */
export function own(
  { out }: Places,
  name: string,
  args: readonly string[],
  nodeFlags: readonly string[] = [],
): Contender {
  const command = (started: Started) => [join(out, 'bench/gateway/own-process.js'), ...ourOptions(started), ...args];
  return { name, version: null, nodeFlags, command, absent: null };
}

/** What needs no gateway: see plain-server.ts. */
export function plain({ out }: Places, mode: 'aggregator' | 'floor' | 'constant', bytes = 0): Contender {
  return {
    name: mode,
    version: null,
    nodeFlags: [],
    command: ({ base, port }) => [
      join(out, 'bench/gateway/plain-server.js'),
      ...['--mode', mode, '--port', String(port), '--bytes', String(bytes)],
      ...(mode === 'constant' ? [] : ['--base', base]),
    ],
    absent: null,
  };
}

/** The other gateways. Those with packages of their own take part when these are installed. */
export function peers({ root, out }: Places): Contender[] {
  const folder = (name: string) => join(root, 'bench/peers', name);
  return [
    {
      name: 'apolloGateway',
      version: versionOf(root, '@apollo/gateway'),
      nodeFlags: [],
      command: (started) => [join(out, 'bench/peers/apollo.js'), ...ourOptions(started)],
      absent: null,
    },
    {
      ...installed(folder('hive'), 'hiveGateway', '@graphql-hive/gateway'),
      command: () => [
        'node_modules/@graphql-hive/gateway/dist/bin.js',
        'supergraph',
        '-c',
        'gateway.config.mjs',
        '--fork',
        '1',
      ],
      env: ({ supergraphFile, port }) => ({ SUPERGRAPH: supergraphFile, PORT: String(port) }),
    },
    {
      ...installed(folder('mercurius'), 'mercurius', '@mercuriusjs/gateway'),
      command: (started) => ['server.mjs', ...ourOptions(started)],
    },
  ];
}

function installed(cwd: string, name: string, packageName: string): Omit<Contender, 'command'> {
  const version = versionOf(cwd, packageName);
  const absent =
    version === null ? `not installed: npm ci --ignore-scripts in ${cwd.slice(cwd.indexOf('bench'))}` : null;
  return { name, version, nodeFlags: [], cwd, absent };
}

function versionOf(folder: string, packageName: string): string | null {
  const file = join(folder, 'node_modules', packageName, 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : null;
}
