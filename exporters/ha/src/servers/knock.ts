import { connect } from 'node:net';
import { reachOf, type Reach } from '../http/reach';

/** Asks whether TLS is spoken; every PostgreSQL answers that with one byte, before anybody logs in. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** How a server's port answers at the level of the protocol, without logging in. Never rejects. */
export const knock = (host: string, port: number, limitMs: number): Promise<Reach> =>
  new Promise((resolve) => {
    let connected = false;
    const socket = connect({ host, port });
    const end = (reach: Reach): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(reach);
    };
    const timer = setTimeout(() => end(connected ? 'silent' : 'unreachable'), limitMs);
    socket.once('connect', () => {
      connected = true;
      socket.write(SSL_REQUEST);
    });
    socket.once('data', () => end('answers'));
    socket.once('end', () => end('refused'));
    socket.on('error', (error) => end(reachOf(error)));
  });
