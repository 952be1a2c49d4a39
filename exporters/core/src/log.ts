import pino from 'pino';

export type Logger = {
  readonly debug: (fields: object, message: string) => void;
  readonly info: (fields: object, message: string) => void;
  readonly warn: (fields: object, message: string) => void;
  readonly error: (fields: object, message: string) => void;
};

/** Structured JSON logs on standard error. Anything that looks like a credential is cut out before it is written. */
export const createLogger = (level: string): Logger =>
  pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: ['password', '*.password', '*.*.password', 'authorization', '*.authorization'], censor: '***' },
      hooks: {
        logMethod(args, method) {
          const cleaned = args.map((arg) => (typeof arg === 'string' ? redact(arg) : redactFields(arg)));
          method.apply(this, cleaned as Parameters<typeof method>);
        },
      },
    },
    pino.destination(2),
  );

/** Takes passwords out of URLs, of `key=value` connection strings, and of `PASSWORD '…'` in SQL. */
export const redact = (text: string): string =>
  text
    .replace(/(\w+:\/\/[^\s:/@]*):\S*@/g, '$1:***@')
    .replace(/\b(password|passwd|pwd|secret|token)(\s*[=:]\s*)("[^"]*"|'(?:[^']|'')*'|[^\s,;&]+)/gi, '$1$2***')
    .replace(/\b(password\s+)(E?'(?:[^']|'')*')/gi, '$1***');

const redactFields = (fields: unknown): unknown => {
  if (fields === null || typeof fields !== 'object') return fields;
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, typeof value === 'string' ? redact(value) : (value as unknown)]),
  );
};

export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
