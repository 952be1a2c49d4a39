import { getBackendSrv } from '@grafana/runtime';
import {
  recommendation,
  type AdviceAction,
  type AdviceRequest,
  type Recommendation,
} from '@submilli/api/recommendations';
import { firstValueFrom, fromEvent, merge, mergeMap, throwError } from 'rxjs';
import type { z } from 'zod';
import { PLUGIN_ID } from '../constants';
import type { ExporterName } from '../settings';
import { ExporterProblem, problemOf } from './problem';

/** An answer that takes longer is not waited for. */
export const BUDGET_MS = 10_000;

const proxied = (exporter: ExporterName, path: string): string =>
  `/api/plugin-proxy/${PLUGIN_ID}/${exporter}/api/v1/${path}`;

type Asked = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly data?: unknown;
  readonly signal?: AbortSignal;
};

const ask = async (exporter: ExporterName, { method, path, params, data, signal }: Asked): Promise<unknown> => {
  const budget = AbortSignal.timeout(BUDGET_MS);
  const cut = signal === undefined ? budget : AbortSignal.any([signal, budget]);
  const answer = getBackendSrv().fetch<unknown>({
    ...{ url: proxied(exporter, path), method, params, data, showErrorAlert: false, showSuccessAlert: false },
    abortSignal: cut,
  });
  const late = fromEvent(cut, 'abort').pipe(
    mergeMap(() =>
      throwError(() =>
        signal?.aborted === true
          ? new ExporterProblem('cancelled', exporter, 'cancelled')
          : new ExporterProblem('down', exporter, `no answer within ${BUDGET_MS / 1000} s`),
      ),
    ),
  );
  try {
    return (await firstValueFrom(merge(answer, late))).data;
  } catch (error) {
    throw problemOf(error, exporter);
  }
};

const checked = <T>(exporter: ExporterName, schema: z.ZodType<T>, path: string, answer: unknown): T => {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? '' : ` at ${issue.path.join('.') || 'the top'}: ${issue.message}`;
  const detail = `/api/v1/${path} is not what this version of the app knows${where}`;
  throw new ExporterProblem('unexpected', exporter, detail);
};

/** One of an exporter's JSON resources, checked against the exporters' own schema. */
export const readResource = async <T>(
  exporter: ExporterName,
  path: string,
  schema: z.ZodType<T>,
  { target, signal }: { readonly target?: string; readonly signal?: AbortSignal } = {},
): Promise<T> => {
  const params = target === undefined ? undefined : { target };
  return checked(exporter, schema, path, await ask(exporter, { method: 'GET', path, params, signal }));
};

/** Says something about a recommendation, for the whole team. Answers it as it is then. */
export const noteOnAdvice = async (
  exporter: ExporterName,
  id: string,
  action: AdviceAction,
  request: AdviceRequest,
): Promise<Recommendation> => {
  const path = `recommendations/${encodeURIComponent(id)}/${action}`;
  return checked(exporter, recommendation, path, await ask(exporter, { method: 'POST', path, data: request }));
};
