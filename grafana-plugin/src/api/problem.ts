/** Why an exporter gave no answer that can be used. */
export type ProblemKind =
  'not-configured' | 'down' | 'refused' | 'no-permission' | 'not-found' | 'unexpected' | 'cancelled';

export class ExporterProblem extends Error {
  constructor(
    readonly kind: ProblemKind,
    readonly exporter: string,
    /** What the exporter or the proxy said. */
    readonly detail: string,
  ) {
    super(`${exporter}: ${detail}`);
    this.name = 'ExporterProblem';
  }
}

type Refused = { readonly status?: number; readonly data?: unknown; readonly cancelled?: boolean };

/** What a failed request means. Grafana answers 502 when nobody listens, and passes on what the exporter said. */
export const problemOf = (error: unknown, exporter: string): ExporterProblem => {
  if (error instanceof ExporterProblem) return error;
  const { status, data, cancelled } = (typeof error === 'object' && error !== null ? error : {}) as Refused;
  const detail = saidIn(data) ?? (error instanceof Error ? error.message : `HTTP ${status ?? 'error'}`);
  if (cancelled === true) return new ExporterProblem('cancelled', exporter, detail);
  if (status === 401) return new ExporterProblem('refused', exporter, detail);
  if (status === 403) return new ExporterProblem('no-permission', exporter, detail);
  if (status === 404) return new ExporterProblem('not-found', exporter, detail);
  if (status === 502 || status === 503 || status === 504) return new ExporterProblem('down', exporter, detail);
  if (status !== undefined && status >= 400) return new ExporterProblem('unexpected', exporter, detail);
  return new ExporterProblem('down', exporter, detail);
};

const saidIn = (data: unknown): string | undefined => {
  if (typeof data !== 'object' || data === null) return undefined;
  const { error, message } = data as { readonly error?: unknown; readonly message?: unknown };
  if (typeof error === 'string' && error !== '') return error;
  return typeof message === 'string' && message !== '' ? message : undefined;
};
