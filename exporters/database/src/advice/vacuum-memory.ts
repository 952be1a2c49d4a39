import { defineRule, type Finding, majorOf, type PostgresFacts } from '@submilli/core';
import { vacuum } from '../collectors/vacuum';
import { settings } from '../samplers/settings';
import { baseValue } from '../settings/units';
import { alterSystem, bytes, MOST_FINDINGS, roundUp, settingOf } from './action';

const GB = 1024 ** 3;

export const vacuumMemory = defineRule<PostgresFacts, { vacuum: typeof vacuum; settings: typeof settings }>({
  name: 'vacuum-memory',
  title: 'A vacuum goes over all indexes again and again for want of memory',
  signal: 'passes over the indexes of a running vacuum',
  threshold: 'more than one',
  inputs: { vacuum, settings },
  check: ({ vacuum: [row], settings: { settings: all } }, { facts }) => {
    const own = settingOf(all, 'autovacuum_work_mem');
    const name = own === undefined || own.setting === '-1' ? 'maintenance_work_mem' : 'autovacuum_work_mem';
    const setting = settingOf(all, name);
    const now = setting === undefined ? null : baseValue(setting.setting, setting.unit);
    if (now === null) return { notEvaluated: `${name} is not known` };
    // Until 16 a vacuum uses no more than 1 GB, whatever it is given.
    const most = majorOf(facts) >= 17 ? Infinity : GB;
    if (now >= most) return [];
    return (row?.running ?? [])
      .filter(({ index_passes }) => (index_passes ?? 0) > 1)
      .slice(0, MOST_FINDINGS)
      .map(({ database, relation, index_passes, seconds }): Finding => {
        const passes = index_passes ?? 0;
        const wanted = Math.min(most, now * (passes + 1));
        return {
          subject: `${database}.${relation}`,
          severity: 'info',
          title: `The vacuum of ${relation} in ${database} has gone over its indexes ${passes} times`,
          why: `It can remember only so many dead rows in ${bytes(now)}; each time that is full it reads every index from end to end.`,
          evidence: [
            { label: 'passes over the indexes', value: passes, unit: '' },
            { label: name, value: now, unit: 'bytes' },
            ...(seconds === null ? [] : [{ label: 'running for', value: Math.round(seconds), unit: 's' }]),
          ],
          action: alterSystem(all, name, roundUp(wanted)),
          impact: {
            what: 'passes over the indexes',
            before: String(passes),
            after: wanted === most ? 'fewer' : '1',
            confidence: 'medium',
            measured: `pg_stat_progress_vacuum; ${bytes(now)} times the passes so far and one. Each autovacuum worker may take as much`,
          },
        };
      });
  },
});
