import type { Request } from 'express';

/**
 * Why a caller may not write; undefined if they may. They may if they are logged in, or on this machine; and a web page
 * of elsewhere may not, though it is the browser of somebody who may.
 */
export const whyNotWrite = (request: Request, isLoggedIn: boolean, what: string): string | undefined => {
  const origin = request.get('origin');
  if (origin !== undefined && !isOf(origin, request.get('host')))
    return `${what} is not taken from another site’s page`;
  if (isLoggedIn) return undefined;
  const needs = `${what} needs authentication (web_config_file), or a caller on loopback`;
  // A proxy on this machine speaks for whoever it says.
  const forwarded = FORWARDED.flatMap((header) => request.get(header)?.split(',') ?? []);
  if (![request.socket.remoteAddress, ...forwarded].every(isLoopback)) return needs;
  // A web page whose name suddenly means this machine asks from here, and as its own site.
  return origin !== undefined && !isLoopbackHost(request.get('host')) ? needs : undefined;
};

/** The name of the user whose password was checked before. */
export const userOf = (authorization: string | undefined): string =>
  Buffer.from(authorization?.replace(/^basic /i, '') ?? '', 'base64')
    .toString('utf8')
    .replace(/:.*$/s, '');

const FORWARDED = ['x-forwarded-for', 'x-real-ip', 'forwarded'];

const isOf = (origin: string, host: string | undefined): boolean =>
  URL.canParse(origin) && new URL(origin).host === host;

const isLoopback = (address: string | undefined): boolean =>
  address !== undefined && /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/i.test(address.trim());

const isLoopbackHost = (host: string | undefined): boolean =>
  host !== undefined && /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host);
