import { spawn } from 'node:child_process';

export type Login = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
};

export type Variables = Readonly<Record<string, string | number>>;

export type Said = { readonly status: number | null; readonly output: string; readonly errors: string };

/** What has not ended by then waits for something that does not come. */
const GIVE_UP_MS = 60_000;

/** Runs statements as somebody who pastes them into psql, up to the first that fails. */
export const psql = ({ host, port, user, password, database }: Login, text: string, variables: Variables = {}) =>
  new Promise<Said>((resolve, reject) => {
    const set = Object.entries({ ON_ERROR_STOP: 1, ...variables }).flatMap(([name, value]) => [
      '--set',
      `${name}=${value}`,
    ]);
    const where = ['--host', host, '--port', String(port), '--username', user, '--dbname', database];
    const child = spawn('psql', ['--no-psqlrc', '--quiet', ...set, ...where], {
      timeout: GIVE_UP_MS,
      env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', PGPASSWORD: password, PGCONNECT_TIMEOUT: '10' },
    });
    let [output, errors] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.on('error', (error) => {
      reject(new Error(`cannot run psql (${error.message}): npx submilli packages --for test`, { cause: error }));
    });
    child.on('close', (status, signal) => {
      resolve({ status, output, errors: signal === null ? errors : `${errors}It had to be ended: ${signal}` });
    });
    child.stdin.on('error', () => undefined); // It may end before it has read all; its status tells.
    child.stdin.end(`${text}\n`);
  });
