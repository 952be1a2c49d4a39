import { compatClients } from './clients';
import { compatConfig } from './config';
import { compatDatabases } from './databases';
import { compatLists } from './lists';
import { compatPools } from './pools';
import { compatStats } from './stats';
import { compatUp } from './up';

/** pgbouncer_exporter's view. */
export const compatibility = {
  derived: [compatConfig, compatLists, compatStats, compatPools, compatDatabases, compatClients],
  reports: [compatUp],
};
