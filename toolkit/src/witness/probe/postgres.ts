import { connect } from 'node:net';
import type { Clock } from '@submilli/core';
import type { Health } from '../look';
import { NoAnswer } from '../request';
import { healthOf } from './health';

/** Length 8, then the code of GSSENCRequest. */
const QUESTION = Buffer.from([0, 0, 0, 8, 4, 210, 22, 48]);

/**
 * Asks a server whether it would encrypt. A postmaster that works answers with one byte, before any authentication;
 * a kernel that merely accepts the connection of a hung one doesn't. It is the question about GSSAPI and not the one
 * about TLS, because after the latter a server with TLS writes to its log that we hung up.
 */
export const probePostgres = async (
  { host, port }: { readonly host: string; readonly port: number },
  timeoutMs: number,
  clock: Clock,
): Promise<Health> => {
  const began = clock.monotonic();
  const what = `PostgreSQL ${host}:${port}`;
  try {
    await firstByte(host, port, timeoutMs);
    return { is: 'alive', why: `${what} answers` };
  } catch (error) {
    return healthOf(error, what, clock.monotonic() - began, timeoutMs);
  }
};

const firstByte = (host: string, port: number, timeoutMs: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    const end = (how: () => void): void => {
      clearTimeout(timer);
      socket.destroy();
      how();
    };
    const timer = setTimeout(() => end(() => reject(new NoAnswer('no answer'))), timeoutMs);
    socket.on('connect', () => socket.write(QUESTION));
    socket.on('data', () => end(resolve));
    socket.on('error', (error) => end(() => reject(error)));
    socket.on('end', () =>
      end(() => reject(Object.assign(new Error('it hangs up without an answer'), { code: 'ECONNRESET' }))),
    );
  });
