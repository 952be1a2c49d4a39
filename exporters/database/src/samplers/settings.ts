import { defineSampler, gauge, readRows } from '@submilli/core';
import { z } from 'zod';
import { type Drift, hashOf, isServers, noDrift, takeSettings } from '../settings/drift';
import { baseValue } from '../settings/units';
import { NUMERIC_SETTINGS, WORD_SETTINGS } from '../settings/watched';

const row = z.object({
  name: z.string(),
  setting: z.string(),
  unit: z.string().nullable(),
  source: z.string(),
  context: z.string(),
  pending_restart: z.boolean(),
  at: z.number(),
  complete: z.boolean(),
});

const sql = `
  SELECT s.name, coalesce(s.setting, '') AS setting, s.unit, s.source, s.context, s.pending_restart,
         (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000)::float8 AS at,
         pg_catalog.pg_has_role('pg_read_all_settings', 'USAGE') AS complete
    FROM pg_catalog.pg_settings s`;

/** Reads all settings now and then; what changed since the first time outlives connections, as changes come with restarts. */
export const settings = defineSampler({
  name: 'settings',
  source: 'pg_settings',
  metrics: {
    value: gauge('db_setting', 'Settings that matter, in bytes and seconds; 1 and 0 for on and off, -1 for none.', [
      'name',
    ]),
    word: gauge('db_setting_info', 'Always 1: settings whose value is a word.', ['name', 'value']),
    hash: gauge(
      'db_settings_hash',
      'A number that changes when a setting of the server does; absent without pg_monitor, which may see all of them.',
    ),
    changed: gauge(
      'db_settings_changed_timestamp_seconds',
      'When a change of settings was last seen (what: /api/v1/settings); absent before the first.',
    ),
    pendingRestart: gauge('db_settings_pending_restart', 'Settings that were changed but wait for a restart.'),
  },
  keepsState: true,
  interval: ({ survey_interval_seconds }) => survey_interval_seconds,
  start: () => noDrift,
  read: readRows({ 14: sql }, row),
  fold: (drift: Drift, rows: readonly z.infer<typeof row>[]) =>
    takeSettings(
      drift,
      rows.map(({ at, complete, ...setting }) => setting),
      rows[0]?.at ?? 0,
      rows[0]?.complete ?? false,
    ),
  publish: (drift, m) => {
    const known = drift.settings.filter(isServers);
    return [
      ...known
        .filter(({ name }) => NUMERIC_SETTINGS.has(name))
        .map(({ name, setting, unit }) => m.value({ name }, baseValue(setting, unit))),
      ...known
        .filter(({ name }) => WORD_SETTINGS.has(name))
        .map(({ name, setting }) => m.word({ name, value: setting }, 1)),
      m.hash({}, drift.complete ? hashOf(drift.settings) : null),
      m.changed({}, drift.changedAt === undefined ? null : drift.changedAt / 1000),
      m.pendingRestart({}, drift.settings.filter((setting) => setting.pending_restart).length),
    ];
  },
});
