import type { PostgresFacts, Resource, SettingsAnswer } from '@submilli/core';
import { settings } from '../samplers/settings';
import { isServers, shown } from '../settings/drift';

const nullAnswer: SettingsAnswer = { firstSeen: null, settings: [], pendingRestart: [], changes: [] };

export const settingsResource: Resource<PostgresFacts> = {
  path: 'settings',
  answer: ({ snapshots }): SettingsAnswer => {
    const drift = snapshots.of(settings);
    if (drift === undefined) return nullAnswer;
    return {
      firstSeen: new Date(drift.firstAt).toISOString(),
      settings: drift.settings
        .filter((setting) => isServers(setting) && setting.source !== 'default')
        .map(({ name, setting, unit, source, context }) => ({
          ...{ name, value: shown(name, setting) ?? '', unit, source, context },
        })),
      pendingRestart: drift.settings.filter(({ pending_restart }) => pending_restart).map(({ name }) => name),
      changes: [...drift.changes],
    };
  },
};
