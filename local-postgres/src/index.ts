export { canReach, serverAccount, type Account } from './account';
export { cacheDir, ensurePostgres, installedPostgres, type Binaries } from './binaries';
export {
  SUPERUSER,
  configureCluster,
  createCluster,
  isInitialised,
  type ClusterConfig,
  type Settings,
} from './cluster';
export { freePort } from './ports';
export { supportedMajors, type Major } from './releases';
export { serverEnv } from './run';
export { startPostgres, type LocalPostgres, type StartOptions, type StopMode } from './server';
export { cloneStandby, type CloneSource, type Following, type StandbyOptions } from './standby';
