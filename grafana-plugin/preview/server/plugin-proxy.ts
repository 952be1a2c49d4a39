import type { Role } from './options';

/** A route of plugin.json, as far as the preview honours it. */
export type Route = {
  readonly path: string;
  readonly url: string;
  readonly method?: string;
  readonly reqRole?: Role;
  readonly headers?: readonly { readonly name: string; readonly content: string }[];
};

export type Settings = {
  readonly jsonData: Readonly<Record<string, string>>;
  readonly secureJsonData: Readonly<Record<string, string>>;
};

export type Asked = { readonly method: string; readonly path: string; readonly role: Role };

/** Where a request goes and with what headers; or why it goes nowhere. */
export type Routed =
  | { readonly url: string; readonly headers: Readonly<Record<string, string>> }
  | { readonly status: number; readonly message: string };

const RANK: Readonly<Record<Role, number>> = { Viewer: 0, Editor: 1, Admin: 2 };

/**
 * As Grafana does: the first route of the method whose path matches, of which a `*` at the end is what is added to its
 * URL; then its role; then its templates.
 */
export const route = (routes: readonly Route[], asked: Asked, settings: Settings): Routed => {
  for (const one of routes) {
    if (one.method !== undefined && one.method !== '*' && one.method !== asked.method) continue;
    const rest = restOf(one.path, asked.path);
    if (rest === undefined) continue;
    if (one.reqRole !== undefined && RANK[asked.role] < RANK[one.reqRole]) {
      return { status: 403, message: 'plugin proxy route access denied' };
    }
    const base = fill(one.url, settings);
    if (!URL.canParse(base)) return { status: 500, message: `the address is not set: ${one.url}` };
    const headers = (one.headers ?? []).map(
      ({ name, content }) => [name.toLowerCase(), fill(content, settings)] as const,
    );
    return {
      url: rest === '' ? base : `${base.replace(/\/$/, '')}/${rest.split('/').map(encodeURIComponent).join('/')}`,
      headers: Object.fromEntries(headers.filter(([, value]) => value !== '')),
    };
  }
  return { status: 404, message: 'plugin route match not found' };
};

/**
 * The path that a route is looked for by; undefined if a part of it is not one part only. What is decoded may not lead out
 * of the route that it matches.
 */
export const pathOf = (parts: readonly string[]): string | undefined => {
  const decoded = parts.map(decode);
  const isPlain = (part: string | undefined): boolean =>
    part !== undefined && !/[/\\]/.test(part) && part !== '.' && part !== '..';
  return decoded.every(isPlain) ? decoded.join('/') : undefined;
};

const decode = (part: string): string | undefined => {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
};

const restOf = (pattern: string, path: string): string | undefined => {
  if (!pattern.endsWith('/*')) return pattern === path ? '' : undefined;
  const prefix = pattern.slice(0, -1);
  return path.startsWith(prefix) && path.length > prefix.length ? path.slice(prefix.length) : undefined;
};

/** Go's templates, as far as plugin.json of ours needs them. */
const fill = (template: string, { jsonData, secureJsonData }: Settings): string =>
  template.replaceAll(
    /{{\s*\.(JsonData|SecureJsonData)\.(\w+)\s*}}/g,
    (_, kind: string, key: string) => (kind === 'JsonData' ? jsonData : secureJsonData)[key] ?? '',
  );
