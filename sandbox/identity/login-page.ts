import { createHash } from 'node:crypto';
import type { DemoUser } from './demo-users.ts';

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  body { max-width: 40rem; margin: 8vh auto; padding: 0 1.5rem }
  h1 { font-size: 1.4rem; margin-bottom: 0 }
  fieldset { border: 1px solid #8886; border-radius: .5rem; margin: 1.5rem 0; padding: .5rem 1rem 1rem }
  button { display: flex; justify-content: space-between; width: 100%; margin-top: .5rem; padding: .6rem .8rem; font: inherit;
    text-align: left; color: inherit; background: #8881; border: 1px solid #8886; border-radius: .4rem; cursor: pointer }
  button:hover, button:focus-visible { background: #8883 }
  span { opacity: .7 }
`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function toHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
}

function toButton({ subject, name, role }: DemoUser): string {
  return `<button name="login" value="${toHtml(subject)}">${toHtml(name)} <span>${toHtml(role)}</span></button>`;
}

/** The page on which one chooses whom of the demo to be; there are no passwords. */
export function renderLoginPage(options: { action: string; client: string; users: readonly DemoUser[] }): string {
  const { action, client, users } = options;
  const tenants = [...new Set(users.map((user) => user.tenant))];
  const fieldsets = tenants.map((tenant) => {
    const buttons = users.filter((user) => user.tenant === tenant).map(toButton);
    return `<fieldset><legend>${toHtml(tenant)}</legend>${buttons.join('')}</fieldset>`;
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sign in to Tributary</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>${STYLE}</style></head><body>
<h1>Who are you today?</h1><p>${toHtml(client)} asks you to sign in. This provider is for development: no passwords.</p>
<form method="post" action="${toHtml(action)}">${fieldsets.join('')}</form></body></html>`;
}

/** The page loads nothing, runs nothing, is framed by nobody, and posts only to where it and the client live. */
export function loginPagePolicy(redirectOrigin: string): string {
  const formAction = `form-action 'self' ${redirectOrigin}`;
  return `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; ${formAction}; frame-ancestors 'none'; base-uri 'none'`;
}
