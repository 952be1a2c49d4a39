import type { Role } from './options';

/** Grafana's default content-security policy, but for the site of its maker: nothing here is to leave the origin. */
export const policyOf = (nonce: string, host: string): string =>
  [
    `script-src 'self' 'unsafe-eval' 'unsafe-inline' 'strict-dynamic' 'nonce-${nonce}'`,
    `object-src 'none'`,
    `font-src 'self'`,
    `style-src 'self' 'unsafe-inline' blob:`,
    `img-src * data:`,
    `base-uri 'self'`,
    `connect-src 'self' ws://${host}/ wss://${host}/`,
    `manifest-src 'self'`,
    `media-src 'none'`,
    `form-action 'self'`,
  ].join('; ');

export type Boot = {
  readonly theme: 'dark' | 'light';
  readonly role: Role;
  readonly plugin: object;
  readonly meta: object;
};

/** The one page; what it boots with is data, in a script that no string can break out of. */
export const pageOf = (boot: Boot, nonce: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Submilli – preview</title>
<link rel="icon" href="/public/plugins/submilli-postgresql-app/img/logo.svg">
<link rel="stylesheet" href="/preview/host.css">
</head>
<body class="theme-${boot.theme}" style="margin:0">
<div id="root"></div>
<script nonce="${nonce}">window.__grafana_public_path__='/public/';window.grafanaBootData={settings:{},user:{},navTree:[]};window.previewBoot=${JSON.stringify(boot).replaceAll('<', '\\u003c')};</script>
<script nonce="${nonce}" src="/preview/system.js"></script>
<script nonce="${nonce}" type="module" src="/preview/host.js"></script>
</body>
</html>
`;
