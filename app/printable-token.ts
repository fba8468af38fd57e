import { systemClock } from '../lib/clock.ts';
import type { Config } from '../lib/config.ts';
import { DEMO_TENANTS, isDemoTenant } from '../sandbox/identity/demo-users.ts';
import { developmentIssuer, loadDevelopmentKey, refuseInProduction } from '../sandbox/identity/development.ts';
import { mintToken } from '../sandbox/identity/mint-token.ts';
import { isRole, ROLES } from '../sandbox/identity/roles.ts';
import { readCommandLine, wrongUsage } from './command-line.ts';

const TAKES = `--role <${ROLES.join('|')}> [--tenant <${DEMO_TENANTS.join('|')}>] [--ttl <30s|15m|12h>]`;
const UNITS = { s: 1_000, m: 60_000, h: 3_600_000 };
const MAX_TTL_MS = 24 * UNITS.h;

const refusal = (message: string) => wrongUsage(message, 'token', TAKES);

function toMilliseconds(ttl: string): number {
  const [, count, unit] = /^(\d{1,5})([smh])$/.exec(ttl) ?? [];
  const milliseconds = Number(count) * UNITS[unit as keyof typeof UNITS];
  if (milliseconds > 0 && milliseconds <= MAX_TTL_MS) return milliseconds;
  throw refusal('--ttl must be a time from 1s to 24h, for example 30s, 15m or 12h.');
}

function readArguments(args: string[]) {
  const { values } = readCommandLine(args, {
    command: 'token',
    takes: TAKES,
    options: {
      role: { type: 'string' },
      tenant: { type: 'string', default: DEMO_TENANTS[0] },
      ttl: { type: 'string', default: '12h' },
    },
  });
  const { role = '', tenant, ttl } = values;
  if (!isRole(role)) throw refusal(`--role must be one of ${ROLES.join(', ')}.`);
  if (!isDemoTenant(tenant)) throw refusal(`--tenant must be one of ${DEMO_TENANTS.join(', ')}.`);
  return { role, tenant, lifetime: toMilliseconds(ttl) };
}

/** The token the arguments ask for, signed with the key in `DATA_DIR`: no server need run. Throws AppError. */
export async function printableToken(args: string[], config: Config): Promise<string> {
  refuseInProduction(config);
  const { role, tenant, lifetime } = readArguments(args);
  const key = await loadDevelopmentKey(config.DATA_DIR);
  const issuer = developmentIssuer(config);
  return mintToken({ role, tenant, lifetime, key, issuer, audience: config.OIDC_AUDIENCE, clock: systemClock });
}
