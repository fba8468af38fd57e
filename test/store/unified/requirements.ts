import type { Requirement, TestCase, TestFile } from './test-file.ts';

/** What the embedded store presents itself as. */
const SERVER = { version: '7.0.0', topology: 'replicaset' } as const;

function order(left: string, right: string): number {
  const [a, b] = [left, right].map((version) => version.split('.').map(Number)) as [number[], number[]];
  for (const at of [0, 1, 2]) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function unmet(requirement: Requirement): string | null {
  const { minServerVersion, maxServerVersion, topologies, serverless, auth, ...unknown } = requirement;
  const other = Object.keys(unknown)[0];
  if (other !== undefined) throw new Error(`The runner does not know the requirement ${other}`);
  if (minServerVersion && order(SERVER.version, minServerVersion) < 0) return 'for a server newer than 7.0';
  if (maxServerVersion && order(SERVER.version, maxServerVersion) > 0) return 'for a server older than 7.0';
  if (topologies && !topologies.includes(SERVER.topology)) return `for other topologies (${topologies.join(', ')})`;
  if (serverless === 'require') return 'for serverless';
  return auth === true ? 'for a server with authentication' : null;
}

function unmetBy(requirements: readonly Requirement[] | undefined): string | null {
  if (!requirements || requirements.length === 0) return null;
  const reasons = requirements.map(unmet);
  return reasons.includes(null) ? null : (reasons.at(-1) as string);
}

/** Why a case is not for this server, or null. */
export function skipReasonOf(file: TestFile, test: TestCase): string | null {
  if (test.skipReason !== undefined) return 'skipped by the file itself';
  return unmetBy(file.runOnRequirements) ?? unmetBy(test.runOnRequirements);
}
