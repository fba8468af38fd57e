const READ_WRITE_AREAS = ['customers', 'sales', 'marketing', 'service', 'activities', 'billing'] as const;

/** Every scope there is; docs/architecture.md says what each one opens. */
export const SCOPES: readonly string[] = [
  ...READ_WRITE_AREAS.flatMap((area) => [`${area}:read`, `${area}:write`]),
  'pii:read',
  ...['integrations:read', 'integrations:operate', 'integrations:admin'],
  ...['processes:read', 'processes:act', 'processes:operate'],
  ...['analytics:read', 'analytics:train'],
  'privacy:erase',
  'audit:read',
  'graph:explain',
];

/** The roles of the demo tenants. */
export const ROLES = ['admin', 'sales', 'support', 'marketing', 'partner'] as const;

/** A role of the demo tenants. */
export type Role = (typeof ROLES)[number];

function both(...areas: (typeof READ_WRITE_AREAS)[number][]): string[] {
  return areas.flatMap((area) => [`${area}:read`, `${area}:write`]);
}

/** What a token of each role may do. */
export const ROLE_SCOPES: Readonly<Record<Role, readonly string[]>> = {
  admin: SCOPES,
  sales: [
    ...both('customers', 'sales', 'activities'),
    ...['billing:read', 'service:read', 'marketing:read', 'pii:read'],
    ...['processes:read', 'processes:act', 'analytics:read'],
  ],
  support: [
    ...both('customers', 'service', 'activities'),
    ...['billing:read', 'pii:read', 'processes:read', 'processes:act'],
  ],
  marketing: [
    ...both('marketing'),
    ...['customers:read', 'sales:read', 'activities:read', 'pii:read'],
    ...['processes:read', 'processes:act', 'analytics:read'],
  ],
  partner: ['customers:read', 'service:read'],
};

/** Whether a text is a role. */
export function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}
