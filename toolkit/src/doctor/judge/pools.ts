import { isSameServer } from '@submilli/core';
import type { Facts, PoolAdvice, PoolFacts, ServerFacts } from '../facts';
import type { Act, Finding } from '../finding';

/** Of the pool exporter's rules those about pools that are stale, stuck or of the wrong size: not those about habits. */
export const RULES: ReadonlySet<string> = new Set([
  ...['stale-servers', 'without-server', 'paused', 'pool-not-filling', 'client-limit-near'],
  ...['pool-size', 'pool-oversized', 'pools-exceed-server', 'reserve-off', 'waits-elsewhere'],
]);

/** What the exporter's rules found, with what is safe to do about it. */
export const judgePool = ({ name, advice }: PoolFacts): Finding[] =>
  advice
    .filter(({ rule }) => RULES.has(rule))
    .map((one) => ({
      ...{ id: `${one.rule} ${name} ${one.subject}`, rule: one.rule, where: name },
      ...{ severity: one.severity, title: one.title },
      evidence: one.evidence.map(({ label, value, unit }) => `${label} ${value}${unit === '' ? '' : ` ${unit}`}`),
      remedy: oneLine(one.action),
      ...{ act: actOn(name, one), spared: null },
    }));

/** Only what cannot hurt: a pool that somebody has paused stays paused, and sizes are for people to choose. */
const actOn = (pool: string, { rule, subject }: PoolAdvice): Act | null =>
  rule === 'stale-servers' ? { kind: 'reconnect', pool, database: subject } : null;

const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ').trim();

/**
 * Databases of which no line of the pool leads to the primary, but one to a standby of it. A line for reading alone is
 * none: there the database has another line.
 */
export const judgePointing = ({ pools, servers }: Facts): Finding[] =>
  pools.flatMap(({ name, leadsTo }) => {
    const seen = leadsTo.map((line) => ({ ...line, server: servers.find((one) => isSameServer(one, line)) }));
    return seen.flatMap(({ database, of, server }): Finding[] => {
      if (server?.role !== 'standby') return [];
      const primary = servers.find((other) => other.role === 'primary' && other.system === server.system);
      const isServed = seen.some((line) => line.of === of && line.server?.role === 'primary');
      return primary === undefined || isServed ? [] : [astray(name, database, server, primary)];
    });
  });

const astray = (pool: string, database: string, server: ServerFacts, primary: ServerFacts): Finding => ({
  ...{ id: `points-at-standby ${pool} ${database}`, rule: 'points-at-standby', where: pool, severity: 'critical' },
  title: `${database} leads to ${server.name}, a standby: its primary is ${primary.name}`,
  evidence: [`SHOW DATABASES says ${addressOf(server)}`, `${primary.name} is at ${addressOf(primary)}`],
  remedy: `RELOAD, where its configuration names ${primary.name} already; otherwise see who points the pool at the primary`,
  ...{ act: { kind: 'reload', pool }, spared: null },
});

const addressOf = ({ host, port }: ServerFacts): string => `${host}:${port}`;
