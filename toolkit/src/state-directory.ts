import { join } from 'node:path';

/**
 * Where to keep what must survive a restart: as configured, else as systemd says, else in the place the XDG Base
 * Directory Specification gives to state.
 */
export const stateDirectoryOf = (
  configured: string | null,
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): string =>
  [configured ?? undefined, env.STATE_DIRECTORY?.split(':')[0]].find(isGiven) ??
  join(isGiven(env.XDG_STATE_HOME) ? env.XDG_STATE_HOME : join(home, '.local', 'state'), 'submilli');

const isGiven = (path: string | undefined): path is string => path !== undefined && path !== '';
