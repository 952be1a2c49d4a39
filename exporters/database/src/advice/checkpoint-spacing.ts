import { defineRule, type Finding, type PostgresFacts } from '@submilli/core';
import { settings } from '../samplers/settings';
import { baseValue } from '../settings/units';
import { alterSystem, settingOf } from './action';

const LEAST_TARGET = 0.9;
const LEAST_SECONDS = 300;

export const checkpointSpacing = defineRule<PostgresFacts, { settings: typeof settings }>({
  name: 'checkpoint-spacing',
  title: 'Checkpoints are too close, or too sudden',
  signal: '`checkpoint_timeout`, `checkpoint_completion_target`',
  threshold: `below ${LEAST_SECONDS} s, below ${LEAST_TARGET} (PostgreSQL’s own defaults)`,
  inputs: { settings },
  check: ({ settings: { settings: all } }) => {
    const lint = (name: string, least: number, want: string, why: string): Finding[] => {
      const setting = settingOf(all, name);
      const value = setting === undefined ? null : baseValue(setting.setting, setting.unit);
      if (setting === undefined || value === null || value >= least) return [];
      return [
        {
          subject: name,
          severity: 'warning',
          title: `${name} is ${value}`,
          why,
          evidence: [{ label: name, value, unit: name.endsWith('timeout') ? 's' : '' }],
          action: alterSystem(all, name, want),
          impact: {
            ...{ what: name, before: String(value), after: want, confidence: 'medium' },
            measured: 'read from pg_settings; the effect depends on the write load',
          },
        },
      ];
    };
    return [
      ...lint(
        'checkpoint_timeout',
        LEAST_SECONDS,
        '15min',
        'After each checkpoint the first change of every page writes its full image to WAL: the more checkpoints, the more WAL.',
      ),
      ...lint(
        'checkpoint_completion_target',
        LEAST_TARGET,
        '0.9',
        'It squeezes the writes of a checkpoint into a part of the time there is, and commits wait behind them.',
      ),
    ];
  },
});
