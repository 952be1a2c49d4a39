import { defineRule, type Finding, type Given } from '@submilli/core';
import { databases } from '../collectors/databases';
import { limits, settingsOf } from '../collectors/limits';
import { pools } from '../collectors/pools';
import { type Queueing, queueingOf, tooShort } from '../demand/queueing';
import { health } from '../derived/health';
import { saturation } from '../derived/saturation';
import { poolWindow } from '../samplers/pool-window';
import { numberOf, type ShowRow, textOf } from '../show';
import type { PoolFacts } from '../source';
import { MOST_FINDINGS, onConsole, quoted } from './ini';

const SHARED: readonly string[] = ['max_db_connections', 'max_user_connections'];

/** PgBouncer opens servers one by one while clients wait: with fewer looks than this it may still be at it. */
const ENOUGH_LOOKS = 3;

type Inputs = {
  readonly pools: typeof pools;
  readonly databases: typeof databases;
  readonly poolWindow: typeof poolWindow;
  readonly saturation: typeof saturation;
  readonly health: typeof health;
  readonly limits: typeof limits;
};

export const poolNotFilling = defineRule<PoolFacts, Inputs>({
  name: 'pool-not-filling',
  title: 'Clients wait, there is room in their pool, and no server joins it',
  signal: 'clients waiting at every look of the window, and busy servers against `pool_size` and the shared limits',
  threshold: `${ENOUGH_LOOKS} looks over half the window, all with a queue, and never a full pool`,
  inputs: { pools, databases, poolWindow, saturation, health, limits },
  check: (given) => {
    const unknown = tooShort(given.poolWindow);
    if (unknown !== undefined) return unknown;
    return queueingOf(given.poolWindow)
      .filter(({ looks, withQueue }) => looks >= ENOUGH_LOOKS && withQueue === looks)
      .filter((queueing) => !isExplained(queueing, given))
      .flatMap((queueing): Finding[] => {
        const isOfPool = (one: { readonly database: string; readonly user: string }): boolean =>
          one.database === queueing.database && one.user === queueing.user;
        const row = given.pools.find((one) =>
          isOfPool({ database: textOf(one, 'database'), user: textOf(one, 'user') }),
        );
        const size = given.saturation.uses.find((use) => use.limit === 'pool_size' && isOfPool(use))?.max;
        // Gone since, without a limit, or full at some look.
        if (row === undefined || size === undefined || queueing.mostBusy >= size) return [];
        return [findingOf(queueing, row, size, settingsOf(given.limits))];
      })
      .slice(0, MOST_FINDINGS);
  },
});

/** Held up by hand, without any server (which is another rule's to say), or at a limit that it shares with others. */
const isExplained = (
  { database, user }: Queueing,
  { databases: rows, health: { withoutServer }, saturation: { uses } }: Given<Inputs>,
): boolean =>
  rows.some((row) => textOf(row, 'name') === database && numberOf(row, 'paused') === 1) ||
  withoutServer.some((pool) => pool.value && pool.database === database && pool.user === user) ||
  uses.some(
    (use) =>
      SHARED.includes(use.limit) &&
      use.used >= use.max &&
      (use.database === '' || use.database === database) &&
      (use.user === '' || use.user === user),
  );

const findingOf = (queueing: Queueing, row: ShowRow, size: number, settings: ShowRow): Finding => {
  const { database, user, mostBusy, mostWaiting, looks, seconds } = queueing;
  const isConnecting = (numberOf(row, 'sv_login') ?? 0) > 0;
  const retry = numberOf(settings, 'server_login_retry');
  return {
    subject: `${database} ${user}`,
    severity: 'critical',
    title: `Clients of ${database} (user ${user}) wait with ${mostBusy} of ${size} servers: PgBouncer gets no more`,
    why: isConnecting
      ? 'One connection is being made just now, and there is never more than one at a time: connecting is slow, or gets no answer.'
      : `The last attempt to connect failed; PgBouncer tries again ${retry === null ? 'later' : `after server_login_retry (${retry} s)`}, and says why in its log only.`,
    evidence: [
      { label: 'most servers busy', value: mostBusy, unit: '' },
      { label: 'pool_size', value: size, unit: '' },
      { label: 'most clients waiting', value: mostWaiting, unit: '' },
      { label: 'looks that found a queue', value: `${looks} of ${looks}`, unit: '' },
      { label: 'being connected now', value: numberOf(row, 'sv_login') ?? 0, unit: '' },
      { label: 'over', value: Math.round(seconds), unit: 's' },
    ],
    action: onConsole(
      `SHOW SERVERS;\n-- in PgBouncer's log, lines with: ${quoted(database)}/${quoted(user)}\n-- on the server: max_connections, CONNECTION LIMIT of the role and of the database`,
    ),
    impact: {
      ...{ what: 'servers for these clients', before: String(mostBusy), after: `up to ${size}`, confidence: 'medium' },
      measured: 'SHOW POOLS at each look; what stands in the way only the log knows',
    },
  };
};
