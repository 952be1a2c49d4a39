import type { BackendSrv, BackendSrvRequest, FetchResponse } from '@grafana/runtime';
import { from, type Observable } from 'rxjs';
import { boot, fault } from './boot';

const urlOf = ({ url, params }: BackendSrvRequest): string => {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params ?? {})) {
    if (value !== undefined && value !== null) query.set(key, String(value));
  }
  const path = url.startsWith('/') ? url : `/${url}`;
  return query.size === 0 ? path : `${path}${path.includes('?') ? '&' : '?'}${query.toString()}`;
};

const ask = async <T>(request: BackendSrvRequest): Promise<FetchResponse<T>> => {
  const { method = 'GET', abortSignal, headers } = request;
  const data: unknown = request.data;
  let answer: Response;
  try {
    answer = await fetch(urlOf(request), {
      method,
      signal: abortSignal ?? null,
      headers: {
        ...(data === undefined ? {} : { 'content-type': 'application/json' }),
        ...{ 'x-preview-role': boot.role, 'x-preview-fault': fault },
        ...(headers as Record<string, string> | undefined),
      },
      body: data === undefined ? null : JSON.stringify(data),
    });
  } catch (error) {
    const cancelled = abortSignal?.aborted === true;
    throw {
      status: cancelled ? -1 : 0,
      statusText: String(error),
      data: { message: String(error) },
      cancelled,
      config: request,
    };
  }
  const text = await answer.text();
  const body = parse(text) as T;
  const { status, statusText, ok, headers: said, redirected, type, url } = answer;
  if (!ok) throw { status, statusText, data: body, config: request };
  return { data: body, status, statusText, ok, headers: said, redirected, type, url, config: request };
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text };
  }
};

/** Grafana's way to its own server, as far as plugins use it. */
export const backendSrv = {
  fetch: <T>(request: BackendSrvRequest): Observable<FetchResponse<T>> => from(ask<T>(request)),
  request: async <T>(request: BackendSrvRequest): Promise<T> => (await ask<T>(request)).data,
  datasourceRequest: <T>(request: BackendSrvRequest): Promise<FetchResponse<T>> => ask<T>(request),
  get: async <T>(url: string, params?: BackendSrvRequest['params']): Promise<T> =>
    (await ask<T>({ url, ...(params === undefined ? {} : { params }) })).data,
  post: async <T>(url: string, data?: unknown): Promise<T> => (await ask<T>({ url, method: 'POST', data })).data,
  put: async <T>(url: string, data?: unknown): Promise<T> => (await ask<T>({ url, method: 'PUT', data })).data,
  patch: async <T>(url: string, data?: unknown): Promise<T> => (await ask<T>({ url, method: 'PATCH', data })).data,
  delete: async <T>(url: string): Promise<T> => (await ask<T>({ url, method: 'DELETE' })).data,
  chunked: () => {
    throw new Error('the preview does not stream');
  },
} as unknown as BackendSrv;
