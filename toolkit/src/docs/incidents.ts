import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configSchema } from '@submilli/core';
import { type Capture, captureSchema, type Moment, replay } from '@submilli/database';
import { checkout } from '../stack/layout';

/** A recorded incident and what the score made of it, at the default thresholds. */
export type Incident = { readonly capture: Capture; readonly moments: readonly Moment[] };

const folder = join(checkout, 'exporters', 'database', 'test', 'incidents');

export const readIncidents = (): readonly Incident[] => {
  const { thresholds } = configSchema.parse({});
  return readdirSync(folder)
    .filter((name) => /-pg\d+\.json$/.test(name))
    .sort()
    .map((name) => {
      const capture = captureSchema.parse(JSON.parse(readFileSync(join(folder, name), 'utf8')));
      return { capture, moments: replay(capture, thresholds) };
    });
};
