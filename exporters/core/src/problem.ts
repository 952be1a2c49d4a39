import { z } from 'zod';
import { SubmilliError, messageOf } from './errors';

/** Classes of failure, as they appear in `db_exporter_collector_errors_total{kind}`. */
export type ProblemKind =
  'connection' | 'authentication' | 'permission' | 'timeout' | 'lock' | 'missing' | 'data' | 'other';

/** A failure of one read, classified. */
export class Problem extends SubmilliError {
  readonly kind: ProblemKind;

  constructor(kind: ProblemKind, parts: ConstructorParameters<typeof SubmilliError>[0]) {
    super(parts);
    this.name = 'Problem';
    this.kind = kind;
  }
}

const byState: readonly (readonly [RegExp, ProblemKind, string])[] = [
  [/^57014$/, 'timeout', 'The statement was cancelled by its time limit; see timeouts.statement_ms.'],
  [/^55P03$/, 'lock', 'Another session holds a conflicting lock; see timeouts.lock_ms.'],
  [/^42501$/, 'permission', 'Grant pg_monitor to the monitoring role: submilli setup-role prints the SQL.'],
  [/^28/, 'authentication', 'Check user, password or password_file, and pg_hba.conf.'],
  [/^3D000$/, 'authentication', 'Check the database name in the configuration.'],
  [/^53300$/, 'connection', 'All connection slots are taken: raise max_connections, or find who holds them.'],
  [/^57P03$/, 'connection', 'The server is starting up or shutting down; it is tried again by itself.'],
  [/^08P01$/, 'other', 'A pooler such as PgBouncer answers there and refuses it: connect to the server itself.'],
  [/^(57P0[12]|08)/, 'connection', 'The server ended the session; it is tried again by itself.'],
  [/^55000$/, 'missing', 'Its library is not loaded: add it to shared_preload_libraries and restart the server.'],
  [/^42(P01|883|704|703)$/, 'missing', 'An object is missing here: is the extension created, and of a known version?'],
];

const byCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there: is the server running, and host and port right?',
  ETIMEDOUT: 'No answer: check the network and firewalls between here and there.',
  EHOSTUNREACH: 'No route to the host: check the network.',
  ENOTFOUND: 'The host name is not known: check host in the configuration.',
  EAI_AGAIN: 'The host name could not be looked up just now: check DNS.',
  ECONNRESET: 'The other side dropped the connection; it is tried again by itself.',
  EPIPE: 'The other side dropped the connection; it is tried again by itself.',
  CERT_HAS_EXPIRED: 'Renew the certificate of the server there; the clock of this machine is what it is compared with.',
  CERT_NOT_YET_VALID: 'The certificate begins later: check the clocks of both machines.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate is for another name: check host in the configuration, or who answers.',
};

const UNTRUSTED =
  'No authority that is trusted here has signed it: check the CA file in the configuration, and who answers there.';

/** Codes of OpenSSL and of Node's HTTP parser, of which there are many of a kind. */
const byKindOfCode: readonly (readonly [RegExp, string])[] = [
  [/^(UNABLE_TO_(VERIFY|GET_ISSUER)|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED)/, UNTRUSTED],
  [
    /^(ERR_SSL_(WRONG_VERSION|PACKET_LENGTH|UNKNOWN_PROTOCOL)|EPROTO$)/,
    'Is it TLS that is spoken there? Check host and port.',
  ],
  [/^HPE_/, 'Something answers there that is not HTTP: check host and port.'],
];

const hintFor = (code: string, what: string): string | undefined =>
  byCode[code] ??
  byKindOfCode.find(([pattern]) => pattern.test(code))?.[1] ??
  (what.includes('does not support SSL connections')
    ? 'Turn ssl on there, or set sslmode: disable here if the network is trusted.'
    : undefined);

/** Turns whatever a driver threw into a classified problem with a remedy. Server details beyond the message stay out. */
export const problemOf = (thrown: unknown, where: string): Problem => {
  if (thrown instanceof Problem) {
    const { kind, what, hint } = thrown;
    return thrown.where === undefined ? new Problem(kind, { what, where, hint, cause: thrown }) : thrown;
  }
  const first: unknown = thrown instanceof AggregateError ? thrown.errors[0] : thrown;
  const code = codeOf(first);
  const what = messageOf(first);
  for (const [pattern, kind, hint] of byState) {
    if (pattern.test(code))
      return new Problem(kind, { what: `${what} (SQLSTATE ${code})`, where, hint, cause: thrown });
  }
  const hint = hintFor(code, what);
  if (hint !== undefined) return new Problem('connection', { what, where, hint, cause: thrown });
  if (what === 'timeout expired') {
    const hint = 'It took longer than timeouts.connect_ms to connect: is it overloaded, or something else there?';
    return new Problem('timeout', { what: `${what} while connecting`, where, hint, cause: thrown });
  }
  if (/connection terminated|not queryable|connection error/i.test(what)) {
    return new Problem('connection', {
      what,
      where,
      hint: 'The session ended; it is tried again by itself.',
      cause: thrown,
    });
  }
  return new Problem('other', { what, where, cause: thrown });
};

const codeOf = (thrown: unknown): string => {
  const code: unknown = thrown !== null && typeof thrown === 'object' && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? code : '';
};

/** Any failure of a read as a problem; an answer of an unexpected shape is said to be just that. */
export const problemFrom = (thrown: unknown, where: string): Problem => {
  if (!(thrown instanceof z.ZodError)) return problemOf(thrown, where);
  const issue = thrown.issues[0];
  return new Problem('data', {
    what: `the answer has an unexpected shape at ${issue?.path.join('.') ?? '?'}: ${issue?.message ?? ''}`,
    where,
    hint: 'Is this really the server you meant, of a supported version?',
    cause: thrown,
  });
};
