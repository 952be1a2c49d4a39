import { configSchema, emptyWindow, type Finding, type PostgresFacts } from '@submilli/core';
import type { ActivityRow } from '../src/collectors/activity';
import { databaseRules } from '../src/advice';
import type { ServerReading } from '../src/samplers/server-window';
import { noDrift, type Setting } from '../src/settings/drift';

/** Rules on made-up snapshots: what they say, and when they say nothing. */

export const env = {
  config: configSchema.parse({}),
  facts: {
    ...{
      versionNumber: 170000,
      systemIdentifier: '7',
      role: 'primary',
      user: 'submilli',
      database: 'app',
      monitor: true,
    },
    ...{ extensions: new Map(), functions: new Set() },
  } as PostgresFacts,
  shared: [],
};
export const NOW = Date.UTC(2026, 0, 1);

const rule = (name: string) => {
  const found = databaseRules.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no rule ${name}`);
  return found;
};
export const check = (name: string, given: object) => rule(name).check(given as Record<string, unknown>, env, NOW);
export const findings = (name: string, given: object): readonly Finding[] => {
  const result = check(name, given);
  if ('notEvaluated' in result) throw new Error(`${name} is not evaluated: ${result.notEvaluated}`);
  return result;
};

export const setting = (name: string, value: string, unit: string | null = null, context = 'sighup'): Setting => ({
  ...{ name, setting: value, unit, context, source: 'configuration file', pending_restart: false },
});
export const settings = (...all: Setting[]) => ({ ...noDrift, settings: all });
export const activity = (part: Partial<ActivityRow>): ActivityRow => ({
  ...{ database: 'app', sessions: { active: 1 }, connection_limit: -1, server_limit: 100, lock_waiters: 0 },
  ...{ oldest_transaction: 0, oldest_query: 0, oldest_idle_in_transaction: 0 },
  ...part,
});

/** A server that was not watched for long: rules go by what it counted itself. */
export const unwatched = emptyWindow<ServerReading>(3600);
