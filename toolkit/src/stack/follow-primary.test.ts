import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  choosePrimary,
  followPrimary,
  includeText,
  type Observation,
  parseInclude,
  readInclude,
} from './follow-primary';

const at = (port: number, leader: boolean, timeline: number): Observation => ({
  ...{ restUrl: `http://127.0.0.1:${port}`, host: '127.0.0.1', port, leader, timeline },
});

describe('where the pool points', () => {
  const followed = { host: '127.0.0.1', port: 1, timeline: 4 };

  it.each([
    ['at the leader on a higher timeline', [at(1, true, 4), at(2, true, 5)], { ...followed, port: 2, timeline: 5 }],
    ['at the same one on its new timeline', [at(1, true, 5), at(2, false, 5)], { ...followed, timeline: 5 }],
    ['where it was, when nobody leads', [at(1, false, 4), at(2, false, 4)], followed],
    ['where it was, when another leads on no higher timeline', [at(1, false, 4), at(2, true, 4)], followed],
    ['where it was, when an old primary returns and believes', [at(1, false, 4), at(2, true, 3)], followed],
  ])('%s', (_, seen, expected) => {
    expect(choosePrimary(followed, seen)).toEqual(expected);
  });

  it('is read from the file PgBouncer includes as it was written there', () => {
    expect(parseInclude(includeText(followed, 'orders'))).toEqual(followed);
  });
});

/** A member's REST API that says what it is told to, or nothing. */
const member = async () => {
  let says: { role: string; timeline: number } | 'nothing' = { role: 'replica', timeline: 1 };
  const held = new Set<ServerResponse>();
  const server: Server = createServer((_, answer) => {
    if (says === 'nothing') held.add(answer);
    else answer.end(JSON.stringify({ state: 'running', ...says }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...{ port, held, followed: { restUrl: `http://127.0.0.1:${port}`, host: '127.0.0.1', port } },
    say: (what: typeof says) => (says = what),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await sleep(20);
};

it('a member that hangs does not hold up what its successor says', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'submilli-follow-'));
  const [one, other] = [await member(), await member()];
  const includeFile = join(folder, 'primary.ini');
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, 'x\n');
  const stop = new AbortController();
  one.say({ role: 'master', timeline: 1 });
  const following = followPrimary({
    ...{ members: [one.followed, other.followed], includeFile, database: 'orders', tls: undefined },
    // Longer than the test may take: nobody gives up on the one that hangs.
    observeMs: 60_000,
    // Nobody listens there.
    console: { host: '127.0.0.1', port: 1, user: 'pgbouncer', passwordFile },
    log: () => undefined,
    signal: stop.signal,
  });
  try {
    await until(() => readInclude(includeFile)?.port === one.port);
    one.say('nothing');
    await until(() => one.held.size > 0);
    other.say({ role: 'master', timeline: 2 });
    await until(() => readInclude(includeFile)?.port === other.port);
    expect(readInclude(includeFile)).toEqual({ host: '127.0.0.1', port: other.port, timeline: 2 });
  } finally {
    stop.abort();
    one.close();
    other.close();
    await following;
    rmSync(folder, { recursive: true });
  }
});
