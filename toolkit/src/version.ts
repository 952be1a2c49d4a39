import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** The bundle's version, as its package says. */
export const version: string = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8'))).version;
