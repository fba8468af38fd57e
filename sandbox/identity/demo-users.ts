import { ROLES, type Role } from './roles.ts';

/** The tenants of the demo; the first is the default. */
export const DEMO_TENANTS = ['acme', 'globex'] as const;

/** A tenant of the demo. */
export type DemoTenant = (typeof DEMO_TENANTS)[number];

/** A person of the demo: one of each role in each tenant. */
export interface DemoUser {
  /** `sub` of the tokens. */
  readonly subject: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly tenant: DemoTenant;
}

const NAMES: Readonly<Record<DemoTenant, Readonly<Record<Role, string>>>> = {
  acme: {
    admin: 'Ada Novak',
    sales: 'Sam Okafor',
    support: 'Sofia Lind',
    marketing: 'Mina Haddad',
    partner: 'Paul Ito',
  },
  globex: {
    admin: 'Gus Weber',
    sales: 'Sara Costa',
    support: 'Tom Berg',
    marketing: 'Lea Marin',
    partner: 'Ivo Petrov',
  },
};

/** Everybody who can sign in at the development identity provider. */
export const DEMO_USERS: readonly DemoUser[] = DEMO_TENANTS.flatMap((tenant) =>
  ROLES.map((role) => ({
    subject: `${tenant}-${role}`,
    name: NAMES[tenant][role],
    email: `${role}@${tenant}.example`,
    role,
    tenant,
  })),
);

/** Whether a text is a demo tenant. */
export function isDemoTenant(text: string): text is DemoTenant {
  return (DEMO_TENANTS as readonly string[]).includes(text);
}

/** The one person of a role in a tenant. */
export function demoUser(role: Role, tenant: DemoTenant): DemoUser {
  const user = DEMO_USERS.find((one) => one.role === role && one.tenant === tenant);
  if (!user) throw new RangeError(`no demo user is ${role} at ${tenant}`);
  return user;
}
