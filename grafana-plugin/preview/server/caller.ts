/** As far as Node.js has it of a request: what it says of the page it comes from. */
export type Caller = { readonly host?: string | undefined; readonly origin?: string | undefined };

/**
 * Why a caller is refused; undefined if not. The preview listens on loopback, but a browser on this machine asks for any
 * page that it shows, also for one whose name suddenly means this machine.
 */
export const whyRefuse = ({ host, origin }: Caller): string | undefined => {
  if (host === undefined || !LOOPBACK.test(host)) return 'the preview answers by its address on this machine only';
  return origin === undefined || origin === `http://${host}` ? undefined : 'origin not allowed';
};

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;
