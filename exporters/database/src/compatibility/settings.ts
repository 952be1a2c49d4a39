import { defineCollector, readRows, type Sample } from '@submilli/core';
import { z } from 'zod';
import { needs, peerGauge, PREFIX } from './peer';

const row = z.object({
  name: z.string(),
  setting: z.string(),
  unit: z.string().nullable(),
  vartype: z.enum(['bool', 'integer', 'real']),
});

export type SettingRow = z.infer<typeof row>;

/**
 * What our own session has set (its time limits, read-only, no JIT) would be shown as if it were the server's, so those
 * are left out. `transaction_read_only` follows from one of them.
 */
const sql = `
  SELECT s.name, s.setting, s.unit, s.vartype
    FROM pg_catalog.pg_settings s
   WHERE s.vartype IN ('bool', 'integer', 'real')
     AND s.source NOT IN ('client', 'session') AND s.name <> 'transaction_read_only'
   ORDER BY s.name
   LIMIT 1000`;

const SECONDS: Readonly<Record<string, number>> = { ms: 1 / 1000, s: 1, min: 60, h: 3600, d: 86_400 };
const PREFIXES: Readonly<Record<string, number>> = { '': 0, k: 10, M: 20, G: 30, T: 40 };

/** "8kB" as bytes, "ms" as seconds; nothing for a unit that is neither. */
const unitOf = (unit: string): { readonly suffix: string; readonly factor: number } | undefined => {
  if (unit === '') return { suffix: '', factor: 1 };
  const seconds = SECONDS[unit];
  if (seconds !== undefined) return { suffix: '_seconds', factor: seconds };
  const [, count = '', prefix = ''] = /^(\d*)([kMGT]?)B$/.exec(unit) ?? [];
  if (!unit.endsWith('B') || PREFIXES[prefix] === undefined) return undefined;
  return { suffix: '_bytes', factor: Number(count === '' ? 1 : count) * 2 ** PREFIXES[prefix] };
};

/** One setting as a metric of its own; nothing where its value or unit is none that can be shown. -1 stays -1. */
export const settingSample = ({ name, setting, unit, vartype }: SettingRow): Sample | undefined => {
  const base = `pg_settings_${name.replaceAll(/[.-]/g, '_')}`;
  const about = `Server parameter ${name}`;
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(base)) return undefined;
  if (vartype === 'bool') return { metric: peerGauge(base, `${about}.`), labels: [], value: setting === 'on' ? 1 : 0 };
  const value = Number(setting);
  const known = unitOf(unit ?? '');
  if (!Number.isFinite(value) || known === undefined) return undefined;
  const metric = peerGauge(`${base}${known.suffix}`, `${about}${known.suffix.replace('_', ' in ')}.`);
  // 1/1000 is no exact double: dividing gives 0.1 where multiplying would give 0.1000…1.
  const base_value = known.factor < 1 ? value / Math.round(1 / known.factor) : value * known.factor;
  return { metric, labels: [], value: value === -1 ? -1 : base_value };
};

export const compatSettings = defineCollector({
  name: `${PREFIX}settings`,
  source: 'pg_settings',
  needs,
  metrics: {
    setting: peerGauge(
      'pg_settings_NAME',
      'One metric for each boolean or numeric setting: its name, with _seconds or _bytes if it has a unit.',
    ),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly SettingRow[]) => rows.flatMap((setting) => settingSample(setting) ?? []),
});
