import type { Finding } from '@submilli/core';

type Action = Finding['action'];

const quietly = { reversible: true, lock: null, needsRestart: false } as const;

/** A change of Patroni's dynamic configuration, which all members take within a round. */
export const editConfig = (...settings: readonly string[]): Action => ({
  kind: 'command',
  text: `patronictl edit-config ${settings.map((setting) => `-s ${setting}`).join(' ')}`,
  ...quietly,
});

/** Something to run or to do. */
export const run = (kind: Action['kind'], text: string, more: Partial<Action> = {}): Action => ({
  ...{ kind, text, ...quietly },
  ...more,
});

export const seconds = (value: number): string =>
  value < 1 ? `${Number((value * 1000).toPrecision(2))} ms` : `${Number(value.toPrecision(3))} s`;

/** What one rule finds at most. */
export const MOST_FINDINGS = 10;
