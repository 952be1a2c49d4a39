import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';
import { STYLE } from './landing';

/** The one style sheet of the one page is known by its hash; nothing else may be loaded, framed, run or sent. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const PROTECTIVE_HEADERS = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  // No other site may embed an answer; and none may read one, as nothing here says yes to a foreign origin.
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
} as const;

/** On every answer, refusals included. */
export const protectiveHeaders: RequestHandler = (_, response, next) => {
  response.set(PROTECTIVE_HEADERS);
  next();
};

/** What can be written: a reload, and notes on advice. */
const WRITABLE = /^\/(-\/reload|api\/v1\/recommendations\/.+)$/;

export const onlyKnownMethods: RequestHandler = (request, response, next) => {
  const allowed = WRITABLE.test(request.path) ? ['GET', 'HEAD', 'POST'] : ['GET', 'HEAD'];
  if (allowed.includes(request.method)) next();
  else
    response
      .set('Allow', allowed.join(', '))
      .status(405)
      .json({ error: `${request.method} is not for this` });
};

/** How long a client may take to fetch an answer that is ready. */
const FETCH_MS = 30_000;

/**
 * Answers `limit` requests at a time and refuses more at once: what is in memory for those who ask is bounded, however
 * slowly they read.
 */
export const boundedCrowd = (limit: () => number): RequestHandler => {
  let inside = 0;
  return (request, response, next) => {
    if (inside >= limit()) {
      response
        .set('Retry-After', '1')
        .status(503)
        .json({ error: `${inside} requests are being answered: try again` });
      return;
    }
    inside += 1;
    let late: NodeJS.Timeout | undefined;
    response.once('prefinish', () => {
      late = setTimeout(() => request.socket.destroy(), FETCH_MS).unref();
    });
    response.once('close', () => {
      clearTimeout(late);
      inside -= 1;
    });
    next();
  };
};
