import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import {
  basicAuth,
  createWebServer,
  loadWebConfig,
  messageOf,
  PROTECTIVE_HEADERS,
  SubmilliError,
} from '@submilli/core';
import type { WitnessStatus } from './diary';

/** A witness that has seen nothing for longer than this says that it is not healthy. */
const BLIND_SECONDS = 5;

type Page = { readonly code: number; readonly type: string; readonly body: string };

/** `/-/healthy`: can it see? `/-/ready`: would it act, if the leader died now? `/api/v1/status`: all it knows. */
export const pageOf = (path: string, status: WitnessStatus): Page => {
  const text = (code: number, body: string): Page => ({ code, type: 'text/plain; charset=utf-8', body: `${body}\n` });
  const { lastSawSecondsAgo: ago, objections, sees, why } = status;
  const isBlind = ago === null || ago > BLIND_SECONDS;
  switch (path) {
    case '/-/healthy':
      return isBlind ? text(503, `blind: ${why}`) : text(200, `healthy: ${sees}, ${why}`);
    case '/-/ready':
      if (isBlind) return text(503, `blind: ${why}`);
      return objections.length === 0 ? text(200, 'ready') : text(503, objections.join('\n'));
    case '/':
    case '/api/v1/status':
      return { code: 200, type: 'application/json', body: `${JSON.stringify(status, null, 2)}\n` };
    default:
      return text(404, 'there are /-/healthy, /-/ready and /api/v1/status');
  }
};

/** Status over HTTP, with TLS and users as the web configuration says. Nothing can be changed through it. */
export const serveStatus = async (
  address: string,
  webConfigFile: string | null,
  status: () => WitnessStatus,
): Promise<Server> => {
  const web = loadWebConfig(webConfigFile);
  const users = Object.keys(web.basic_auth_users).length > 0 ? basicAuth(web.basic_auth_users) : undefined;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    for (const [name, value] of Object.entries(PROTECTIVE_HEADERS)) response.setHeader(name, value);
    const verdict = await users?.(request.headers.authorization, request.socket.remoteAddress ?? '');
    if (verdict === 'busy') {
      response.writeHead(429, { 'Retry-After': '1' }).end();
      return;
    }
    if (verdict === 'unknown') {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="submilli"' }).end();
      return;
    }
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const page = isRead ? pageOf(path, status()) : { code: 405, type: 'text/plain', body: 'read only\n' };
    response.writeHead(page.code, { 'Content-Type': page.type }).end(page.body);
  };
  const server = createWebServer(web, (request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const split = address.lastIndexOf(':');
  const host = address.slice(0, split).replace(/^\[|\]$/g, '');
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new SubmilliError({
          ...{ what: messageOf(cause), where: `witness.listen ${address}`, cause },
          hint: 'Stop what uses it, give another address, or null for none.',
        }),
      ),
    );
    server.listen(Number(address.slice(split + 1)), host, resolve);
  });
  return server;
};
