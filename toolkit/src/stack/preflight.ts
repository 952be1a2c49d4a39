import { mkdirSync, realpathSync, statfsSync } from 'node:fs';
import { SubmilliError } from '@submilli/core';
import { canReach, type Account } from '@submilli/local-postgres';
import { join } from 'node:path';
import type { Layout } from './layout';
import { refuseBusyPorts } from './ports';
import { servicesOf, type Plan } from './plan';

const NEEDED_BYTES = 3 * 1024 ** 3;
const GIB = 1024 ** 3;

/** What every file format the path is written into (YAML, INI, include lines, SQL) takes as it is. */
const PLAIN_PATH = /^[\w./@+:~ -]+$/;

/** Makes the state directory. Throws a `SubmilliError` if it can't hold a stack. */
export const prepareStateDir = (state: string, account: Account | undefined): string => {
  if (!PLAIN_PATH.test(state)) {
    throw new SubmilliError({
      what: 'a path with characters that configuration files would misread',
      where: state,
      hint: 'Choose another state directory: npm start -- --state /var/tmp/submilli',
    });
  }
  try {
    mkdirSync(state, { recursive: true, mode: 0o755 });
  } catch (cause) {
    throw new SubmilliError({
      what: `can't make the state directory (${(cause as Error).message})`,
      where: state,
      cause,
    });
  }
  const real = realpathSync(state);
  if (!canReach(join(real, 'logs'), account)) {
    throw new SubmilliError({
      what: `the services run as user ${account?.name ?? ''}, who can't enter the folders above the state directory`,
      where: real,
      hint: 'Choose a place everybody may enter: npm start -- --state /var/tmp/submilli',
    });
  }
  return real;
};

/** Throws a `SubmilliError` for what would make a start fail later: too little disk, a busy port. */
export const preflight = async (plan: Plan, layout: Layout): Promise<void> => {
  const { bavail, bsize } = statfsSync(layout.state);
  const free = bavail * bsize;
  if (free < NEEDED_BYTES) {
    throw new SubmilliError({
      what: `only ${(free / GIB).toFixed(1)} GiB free, and the stack needs ${NEEDED_BYTES / GIB} GiB`,
      where: layout.state,
      hint: 'Free some, or put the state elsewhere: npm start -- --state DIR',
    });
  }
  await refuseBusyPorts(servicesOf(plan));
};
