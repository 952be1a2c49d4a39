import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forPeople, messageOf, SubmilliError } from '@submilli/core';
import { z } from 'zod';
import type { StackStatus } from './events';
import type { Supervisor } from './supervisor';

const request = z.discriminatedUnion('command', [
  z.object({ command: z.literal('status') }),
  z.object({ command: z.literal('down') }),
  z.object({ command: z.literal('start'), name: z.string() }),
  z.object({ command: z.literal('stop'), name: z.string() }),
]);
export type ControlRequest = z.output<typeof request>;

type Answer = { readonly status?: StackStatus; readonly error?: { readonly message: string; readonly hint?: string } };

/** What fits into a Unix socket's address on every system; Linux allows 107. */
const LONGEST = 100;

/** Where a supervisor listens for the other `stack` commands: in the state directory, unless its path is too long. */
export const socketPath = (state: string): string => {
  const own = join(state, 'control.sock');
  return Buffer.byteLength(own) <= LONGEST ? own : join(mkdtempSync(join(tmpdir(), 'submilli-')), 'control.sock');
};

/** One JSON line in, one out, per connection. Only who may write to the socket (its owner, root) may ask. */
export const serveControl = async (
  path: string,
  supervisor: Supervisor,
): Promise<{ readonly close: () => Promise<void> }> => {
  rmSync(path, { force: true });
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined); // who asked has gone; nothing depends on the answer
    void readLine(socket)
      .then(async (line) => answer(request.parse(JSON.parse(line)), supervisor))
      .catch((error: unknown): Answer => ({ error: partsOf(error) }))
      .then((result) => socket.end(`${JSON.stringify(result)}\n`));
  });
  const before = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
  } finally {
    process.umask(before);
  }
  return {
    // Resolves when who asked for the end has been told that it is done.
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
};

const answer = async (asked: ControlRequest, supervisor: Supervisor): Promise<Answer> => {
  switch (asked.command) {
    case 'status':
      return { status: await supervisor.status() };
    case 'down':
      await supervisor.down();
      return {};
    case 'start':
      await supervisor.startService(asked.name);
      return {};
    case 'stop':
      await supervisor.stopService(asked.name);
      return {};
  }
};

/** Asks a running supervisor. Throws its `SubmilliError`, or one that says that it doesn't answer. */
export const askSupervisor = async (path: string, asked: ControlRequest): Promise<Answer> => {
  const socket = connect(path);
  try {
    socket.on('connect', () => socket.end(`${JSON.stringify(asked)}\n`));
    const result = JSON.parse(await readLine(socket)) as Answer;
    if (result.error === undefined) return result;
    const { message, hint } = result.error;
    throw new SubmilliError({ what: message, ...(hint === undefined ? {} : { hint }) });
  } catch (error) {
    if (error instanceof SubmilliError) throw error;
    const denied = (error as NodeJS.ErrnoException).code === 'EACCES';
    throw new SubmilliError({
      what: `the stack's supervisor does not answer (${messageOf(error)})`,
      hint: denied ? 'The stack belongs to another user: ask as that user, or as root.' : 'Try again in a moment.',
      cause: error,
    });
  } finally {
    socket.destroy();
  }
};

const readLine = async (socket: Socket): Promise<string> => {
  let text = '';
  socket.setEncoding('utf8');
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += chunk as string;
    if (text.includes('\n')) return text.slice(0, text.indexOf('\n'));
  }
  throw new Error('the connection was closed before an answer');
};

const partsOf = (error: unknown): { message: string; hint?: string } =>
  error instanceof SubmilliError && error.hint !== undefined
    ? { message: error.message, hint: error.hint }
    : { message: forPeople(error) };
