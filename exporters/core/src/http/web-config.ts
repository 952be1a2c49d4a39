import { compare } from 'bcryptjs';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { explainIssue } from '../config/explain';
import { readYaml } from '../config/yaml';
import { SubmilliError, messageOf } from '../errors';

/** Those of the toolkit's modes that mean the same in Node's TLS; the ones in between would be weaker than they sound. */
const clientAuth = z.enum(['NoClientCert', 'RequireAndVerifyClientCert']);

/** A whole one: of half a hash nobody would know the password, and compare() would only say so at each request. */
const bcryptHash = z.string().regex(/^\$2[aby]?\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/, 'a bcrypt hash');

/**
 * The Prometheus exporter-toolkit's web configuration
 * (https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md): what of it applies here.
 */
const webConfigSchema = z.strictObject({
  tls_server_config: z
    .strictObject({
      cert_file: z.string(),
      key_file: z.string(),
      client_auth_type: clientAuth.default('NoClientCert'),
      client_ca_file: z.string().optional(),
      min_version: z.enum(['TLS12', 'TLS13']).default('TLS12'),
    })
    .refine(
      (tls) => tls.client_auth_type === 'NoClientCert' || tls.client_ca_file !== undefined,
      'client_auth_type RequireAndVerifyClientCert needs client_ca_file',
    )
    .optional(),
  basic_auth_users: z.record(z.string(), bcryptHash).default({}),
});

export type WebConfig = z.output<typeof webConfigSchema> & { readonly directory: string };

/** Reads a web-config file; without one there is neither TLS nor authentication. */
export const loadWebConfig = (path: string | null): WebConfig => {
  if (path === null) return { basic_auth_users: {}, directory: '.' };
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SubmilliError({ what: messageOf(cause), where: path, hint: FORMAT, cause });
  }
  const parsed = webConfigSchema.safeParse(readYaml(text, path) ?? {}, { reportInput: true });
  if (parsed.success) return { ...parsed.data, directory: dirname(resolve(path)) };
  throw new SubmilliError({ what: parsed.error.issues.map(explainIssue).join('; '), where: path, hint: FORMAT });
};

const FORMAT = 'The format is that of Prometheus’ exporter-toolkit: tls_server_config and basic_auth_users.';

/** Whether a request's `Authorization` header names a known user with the right password. */
export type Authenticate = (authorization: string | undefined) => Promise<boolean>;

// Comparing against something even for unknown users keeps the answer's time from telling which users exist.
const UNKNOWN_USER_HASH = '$2b$10$CwTycUXWue0Thq9StjUM0uJ8xqYhGWTkBQeFe8DkuRd6kYq0lQyWe';
const MAX_REMEMBERED = 100;

export const basicAuth = (users: Readonly<Record<string, string>>): Authenticate => {
  // bcrypt is slow on purpose, a scrape every few seconds need not pay it again.
  const remembered = new Set<string>();
  return async (authorization) => {
    if (authorization === undefined || !/^basic /i.test(authorization)) return false;
    if (remembered.has(authorization)) return true;
    const [user = '', ...rest] = Buffer.from(authorization.slice(6), 'base64').toString('utf8').split(':');
    const hash = Object.hasOwn(users, user) ? users[user] : undefined;
    const matches = (await compare(rest.join(':'), hash ?? UNKNOWN_USER_HASH)) && hash !== undefined;
    if (matches && remembered.size < MAX_REMEMBERED) remembered.add(authorization);
    return matches;
  };
};

/** An HTTP or HTTPS server as the web configuration says, with time limits against slow clients. */
export const createWebServer = (config: WebConfig, handler: RequestListener): Server => {
  const tls = config.tls_server_config;
  const server =
    tls === undefined ? createHttpServer(handler) : createHttpsServer(tlsOptions(tls, config.directory), handler);
  server.headersTimeout = 5_000;
  server.requestTimeout = 10_000;
  server.keepAliveTimeout = 120_000;
  server.maxHeadersCount = 100;
  return server;
};

const tlsOptions = (tls: NonNullable<WebConfig['tls_server_config']>, directory: string) => {
  const read = (path: string): Buffer => {
    try {
      return readFileSync(resolve(directory, path));
    } catch (cause) {
      throw new SubmilliError({ what: `cannot read it (${messageOf(cause)})`, where: resolve(directory, path), cause });
    }
  };
  const verifies = tls.client_auth_type === 'RequireAndVerifyClientCert';
  return {
    cert: read(tls.cert_file),
    key: read(tls.key_file),
    minVersion: tls.min_version === 'TLS13' ? ('TLSv1.3' as const) : ('TLSv1.2' as const),
    requestCert: verifies,
    rejectUnauthorized: verifies,
    ...(tls.client_ca_file === undefined ? {} : { ca: read(tls.client_ca_file) }),
  };
};
