import { defineRule } from '@submilli/core';
import { backupProblems } from '../backup/problems';
import { backups } from '../samplers/backups';
import type { HaFacts } from '../source';

export const backupsAtRisk = defineRule<HaFacts, { backups: typeof backups }>({
  name: 'backups-at-risk',
  title: 'A restore cannot be relied upon',
  signal: 'pgbackrest info, and what `submilli backup verify` found',
  threshold:
    'a repository that is unusable, empty, stale, damaged, alone or not encrypted; no recent rehearsal of a restore',
  inputs: { backups },
  check: ({ backups: { backups: known, verifications } }, _env, now) =>
    backupProblems(known, verifications, now / 1000).map(({ id, severity, what, remedy }) => ({
      subject: id,
      severity,
      title: `${known.stanza}: ${what}`,
      why: 'What was not copied in time, cannot be read, or was never restored is lost on the day it is needed.',
      evidence: known.repositories.map(({ key, backups: own }) => ({
        label: `backups in repository ${key}`,
        value: own.length,
        unit: '',
      })),
      action: { kind: 'command', text: remedy, reversible: true, lock: null, needsRestart: false },
      impact: {
        what: 'a restore',
        before: 'not certain',
        after: 'rehearsed',
        confidence: 'high',
        measured: 'pgbackrest info',
      },
    })),
});
