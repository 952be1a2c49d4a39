import { z } from 'zod';

/** One setting that changed; values as in `pg_settings`, null where it was not there, "(hidden)" where it may be a secret. */
export const settingChange = z.object({
  name: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  at: z.iso.datetime(),
});

/** `GET /api/v1/settings`: what is not at its default, what waits for a restart, what changed since first seen. */
export const settingsAnswer = z.object({
  firstSeen: z.iso.datetime().nullable(),
  settings: z.array(
    z.object({
      name: z.string(),
      value: z.string(),
      unit: z.string().nullable(),
      source: z.string(),
      context: z.string(),
    }),
  ),
  pendingRestart: z.array(z.string()),
  changes: z.array(settingChange),
});

export type SettingChange = z.infer<typeof settingChange>;
export type SettingsAnswer = z.infer<typeof settingsAnswer>;
