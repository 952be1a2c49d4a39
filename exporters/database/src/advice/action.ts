import type { Finding } from '@submilli/core';
import type { Setting } from '../settings/drift';

type Action = Finding['action'];

/**
 * Changes a setting of the server: a reload, or a restart where the setting is only read at the start. `context` stands
 * in where the settings could not be read. What was given on the command line (by Patroni, as a rule) wins over every
 * file, and ALTER SYSTEM may be forbidden (17+): then the place is named where it can be changed.
 */
export const alterSystem = (settings: readonly Setting[], name: string, value: string, context = 'user'): Action => {
  const setting = settingOf(settings, name);
  const needsRestart = (setting?.context ?? context) === 'postmaster';
  const line = `${name} = '${value.replaceAll("'", "''")}'`;
  const change = { reversible: true, lock: null, needsRestart };
  if (setting?.source === 'command line') {
    return {
      kind: 'config',
      text: `# on the server’s command line, which wins over files and ALTER SYSTEM; under Patroni: patronictl edit-config\n${line}${needsRestart ? '\n# then restart the server' : ''}`,
      ...change,
      // A running server keeps its command line.
      needsRestart: true,
    };
  }
  if (settingOf(settings, 'allow_alter_system')?.setting === 'off') {
    return {
      kind: 'config',
      text: `# postgresql.conf, as allow_alter_system is off\n${line}\n# then ${needsRestart ? 'restart the server' : 'reload'}`,
      ...change,
    };
  }
  const then = needsRestart ? '-- then restart the server' : 'SELECT pg_reload_conf();';
  return { kind: 'sql', text: `ALTER SYSTEM SET ${line};\n${then}`, ...change };
};

/** Something to run or to do that changes no setting. */
export const run = (kind: Action['kind'], text: string, reversible: boolean, lock: string | null = null): Action => ({
  ...{ kind, text, reversible, lock },
  needsRestart: false,
});

export const settingOf = (settings: readonly Setting[], name: string): Setting | undefined =>
  settings.find((setting) => setting.name === name);

export const bytes = (value: number): string =>
  value >= 1024 ** 3
    ? `${(value / 1024 ** 3).toFixed(1)} GB`
    : value >= 1024 ** 2
      ? `${Math.round(value / 1024 ** 2)} MB`
      : `${Math.round(value / 1024)} kB`;

export const duration = (seconds: number): string =>
  seconds >= 2 * 86_400
    ? `${Math.round(seconds / 86_400)} days`
    : seconds >= 7200
      ? `${Math.round(seconds / 3600)} hours`
      : seconds >= 120
        ? `${Math.round(seconds / 60)} minutes`
        : `${seconds.toFixed(seconds < 10 ? 1 : 0)} seconds`;

/** Rounds a size up to what people write: 1 GB steps above one, 64 MB steps below. */
export const roundUp = (value: number): string => {
  const MB = 1024 ** 2;
  return value > 1024 * MB
    ? `${Math.ceil(value / (1024 * MB))}GB`
    : `${Math.max(1, Math.ceil(value / (64 * MB))) * 64}MB`;
};

/** What one rule finds at most; the worst come first where there is a worst. */
export const MOST_FINDINGS = 10;
