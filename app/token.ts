import { parseArgs } from 'node:util';
import { systemClock } from '../lib/clock.ts';
import { type Config, loadConfig } from '../lib/config.ts';
import { AppError } from '../lib/errors.ts';
import { DEMO_TENANTS, isDemoTenant } from '../sandbox/identity/demo-users.ts';
import { developmentIssuer, loadDevelopmentKey, refuseInProduction } from '../sandbox/identity/development.ts';
import { mintToken } from '../sandbox/identity/mint-token.ts';
import { isRole, ROLES } from '../sandbox/identity/roles.ts';

const USAGE = `npm run token -- --role <${ROLES.join('|')}> [--tenant <${DEMO_TENANTS.join('|')}>] [--ttl <30s|15m|12h>]`;
const UNITS = { s: 1_000, m: 60_000, h: 3_600_000 };
const MAX_TTL_MS = 24 * UNITS.h;

function toMilliseconds(ttl: string): number {
  const [, count, unit] = /^(\d{1,5})([smh])$/.exec(ttl) ?? [];
  const milliseconds = Number(count) * UNITS[unit as keyof typeof UNITS];
  if (milliseconds > 0 && milliseconds <= MAX_TTL_MS) return milliseconds;
  throw new AppError('BAD_USER_INPUT', '--ttl must be a time from 1s to 24h, for example 30s, 15m or 12h.');
}

function readArguments(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      role: { type: 'string' },
      tenant: { type: 'string', default: DEMO_TENANTS[0] },
      ttl: { type: 'string', default: '12h' },
    },
  });
  const { role = '', tenant, ttl } = values;
  if (!isRole(role)) throw new AppError('BAD_USER_INPUT', `--role must be one of ${ROLES.join(', ')}.`);
  if (!isDemoTenant(tenant))
    throw new AppError('BAD_USER_INPUT', `--tenant must be one of ${DEMO_TENANTS.join(', ')}.`);
  return { role, tenant, lifetime: toMilliseconds(ttl) };
}

/** The token the arguments ask for, signed with the key in `DATA_DIR`: no server need run. Throws AppError; TypeError for unknown options. */
export async function printableToken(args: string[], config: Config): Promise<string> {
  refuseInProduction(config);
  const { role, tenant, lifetime } = readArguments(args);
  const key = await loadDevelopmentKey(config.DATA_DIR);
  const issuer = developmentIssuer(config);
  return mintToken({ role, tenant, lifetime, key, issuer, audience: config.OIDC_AUDIENCE, clock: systemClock });
}

/** Exit code of a failure: 2 when the command line is wrong, 1 otherwise. */
function exitCodeOf(error: unknown): number {
  if (error instanceof AppError) return error.code === 'BAD_USER_INPUT' ? 2 : 1;
  return String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS') ? 2 : 1;
}

if (process.argv[1] === import.meta.filename) {
  try {
    console.log(await printableToken(process.argv.slice(2), loadConfig()));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = exitCodeOf(error);
    if (process.exitCode === 2) console.error(`Usage: ${USAGE}`);
  }
}
