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

/** Looked after every second: by itself Node.js would look every half minute. */
const LIMITS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 120_000,
  connectionsCheckingInterval: 1_000,
} as const;
const HANDSHAKE_MS = 5_000;

/** An HTTP or HTTPS server as the web configuration says, with time limits against slow clients. */
export const createWebServer = (config: WebConfig, handler: RequestListener): Server => {
  const tls = config.tls_server_config;
  const server =
    tls === undefined
      ? createHttpServer(LIMITS, handler)
      : createHttpsServer({ ...LIMITS, ...tlsOptions(tls, config.directory) }, handler);
  server.maxHeadersCount = 100;
  server.maxConnections = 2_000;
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
    handshakeTimeout: HANDSHAKE_MS,
    cert: read(tls.cert_file),
    key: read(tls.key_file),
    minVersion: tls.min_version === 'TLS13' ? ('TLSv1.3' as const) : ('TLSv1.2' as const),
    requestCert: verifies,
    rejectUnauthorized: verifies,
    ...(tls.client_ca_file === undefined ? {} : { ca: read(tls.client_ca_file) }),
  };
};
