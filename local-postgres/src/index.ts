export { canReach, serverAccount, type Account } from './account';
export { cacheDir, ensurePostgres, type Binaries } from './binaries';
export type { Settings } from './cluster';
export { freePort } from './ports';
export { supportedMajors, type Major } from './releases';
export { startPostgres, type LocalPostgres, type StartOptions, type StopMode } from './server';
export type { StandbyOptions } from './standby';
