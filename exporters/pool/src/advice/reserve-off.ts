import { defineRule, type Finding } from '@submilli/core';
import { limits, settingsOf } from '../collectors/limits';
import { type Queueing, queueingOf, tooShort } from '../demand/queueing';
import { saturation } from '../derived/saturation';
import { poolWindow } from '../samplers/pool-window';
import { numberOf, type ShowRow } from '../show';
import type { PoolFacts } from '../source';
import { versionNumberOf } from '../version';
import { iniLines, MOST_FINDINGS, quoted } from './ini';

/** A queue at more looks than this is no peak: the pool itself is too small. */
const PEAK_SHARE = 0.5;
const SOON_SECONDS = 1;

type Inputs = {
  readonly poolWindow: typeof poolWindow;
  readonly saturation: typeof saturation;
  readonly limits: typeof limits;
};

export const reserveOff = defineRule<PoolFacts, Inputs>({
  name: 'reserve-off',
  title: 'Clients wait in peaks, and their pool has no reserve',
  signal: 'looks that found clients waiting for a full pool, `reserve_pool_size`',
  threshold: `any, up to ${PEAK_SHARE * 100} % of the looks (beyond that see pool-size), and no reserve`,
  inputs: { poolWindow, saturation, limits },
  check: ({ poolWindow: window, saturation: { uses }, limits: config }, env) => {
    const unknown = tooShort(window);
    if (unknown !== undefined) return unknown;
    // Before 1.24 the parameter of a database had another name.
    const parameter = env.facts.versionNumber >= versionNumberOf('1.24') ? 'reserve_pool_size' : 'reserve_pool';
    return queueingOf(window)
      .filter(({ looks, withQueue }) => withQueue <= PEAK_SHARE * looks)
      .flatMap((queueing): Finding[] => {
        const own = uses.filter((use) => use.database === queueing.database && use.user === queueing.user);
        const size = own.find(({ limit }) => limit === 'pool_size')?.max;
        const hasReserve = own.some(({ limit }) => limit === 'reserve_pool');
        if (size === undefined || hasReserve || queueing.leastBusy < size) return [];
        return [findingOf(queueing, size, parameter, settingsOf(config))];
      })
      .slice(0, MOST_FINDINGS);
  },
});

const findingOf = (queueing: Queueing, size: number, parameter: string, settings: ShowRow): Finding => {
  const { database, user, looks, withQueue, mostWaiting, seconds } = queueing;
  // More than doubling the pool is no reserve, but another size.
  const wanted = Math.min(mostWaiting, size);
  const after = numberOf(settings, 'reserve_pool_timeout') ?? 0;
  const isSoon = after > 0 && after <= SOON_SECONDS;
  return {
    subject: `${database} ${user}`,
    severity: 'info',
    title: `Up to ${mostWaiting} clients of ${database} (user ${user}) waited for one of ${size} servers, and there is no reserve`,
    why: 'With a reserve, who has waited for reserve_pool_timeout gets a further server; the pool shrinks again after the peak.',
    evidence: [
      { label: 'looks that found a queue', value: `${withQueue} of ${looks}`, unit: '' },
      { label: 'longest queue', value: mostWaiting, unit: 'clients' },
      { label: 'pool_size', value: size, unit: '' },
      { label: 'reserve_pool_size', value: 0, unit: '' },
      { label: 'reserve_pool_timeout', value: after, unit: 's' },
      { label: 'over', value: Math.round(seconds), unit: 's' },
    ],
    action: iniLines(
      [
        ...(isSoon ? [] : [`reserve_pool_timeout = ${SOON_SECONDS}`]),
        `; in [databases], on the line of ${quoted(database)}; the server must have room for it (max_connections)`,
        `${quoted(database)} = … ${parameter}=${wanted}`,
      ].join('\n'),
    ),
    impact: {
      what: 'longest wait in a peak',
      before: 'until a server is free',
      after: `about ${isSoon ? after : SOON_SECONDS} s and a connect; waits shorter than that stay`,
      confidence: 'low',
      measured: 'SHOW POOLS at each look; peaks between two looks are not seen',
    },
  };
};
