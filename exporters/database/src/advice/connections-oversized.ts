import { defineRule, type PostgresFacts, spanOf } from '@submilli/core';
import { serverWindow } from '../samplers/server-window';
import { settings } from '../samplers/settings';
import { baseValue } from '../settings/units';
import { alterSystem, bytes, duration, settingOf } from './action';

const MANY = 300;
const USED_SHARE = 0.2;
const ENOUGH_SECONDS = 6 * 3600;

export const connectionsOversized = defineRule<
  PostgresFacts,
  { settings: typeof settings; serverWindow: typeof serverWindow }
>({
  name: 'connections-oversized',
  title: 'max_connections is far above what is used',
  signal: '`max_connections` against the most sessions that were seen',
  threshold: `at least ${MANY}, and under ${USED_SHARE * 100} % used in ${ENOUGH_SECONDS / 3600} hours`,
  inputs: { settings, serverWindow },
  check: ({ settings: { settings: all }, serverWindow: window }) => {
    const valueOf = (name: string): number | null => {
      const setting = settingOf(all, name);
      return setting === undefined ? null : baseValue(setting.setting, setting.unit);
    };
    const [most, memory] = [valueOf('max_connections'), valueOf('work_mem')];
    const factor = valueOf('hash_mem_multiplier');
    if (most === null || memory === null || factor === null)
      return { notEvaluated: 'max_connections or work_mem is not known' };
    if (most < MANY) return [];
    const seconds = spanOf(window)?.seconds ?? 0;
    if (seconds < ENOUGH_SECONDS) {
      return { notEvaluated: `sessions were watched for ${duration(seconds)} only: a peak may be yet to come` };
    }
    const peak = Math.max(0, ...window.readings.map(({ value }) => value.sessions));
    if (peak >= USED_SHARE * most) return [];
    const wanted = Math.max(100, Math.ceil((2 * peak) / 50) * 50);
    return [
      {
        subject: 'max_connections',
        severity: 'info',
        title: `At most ${peak} of ${most} connections were used in ${duration(seconds)}`,
        why: 'The limit is what saves the server when clients run wild: this many sessions, each with its work_mem, are let in before anybody is refused.',
        evidence: [
          { label: 'max_connections', value: most, unit: '' },
          { label: 'most sessions seen', value: peak, unit: '' },
          { label: 'one hash in each of them', value: bytes(most * memory * factor), unit: '' },
          { label: 'memory of the machine', value: 'not visible by SQL', unit: '' },
        ],
        action: alterSystem(all, 'max_connections', String(wanted)),
        impact: {
          what: 'memory that sessions may ask for, one hash each',
          before: bytes(most * memory * factor),
          after: bytes(wanted * memory * factor),
          confidence: 'low',
          measured: `twice the most sessions seen in ${duration(seconds)}; a standby must not have less than its primary`,
        },
      },
    ];
  },
});
