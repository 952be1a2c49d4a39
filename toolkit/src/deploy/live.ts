import type { Dcs } from './dcs';
import type { Found } from './machine';

/** What PostgreSQL says of one of its settings. */
export type SettingFacts = {
  readonly context: string;
  readonly vartype: string;
  readonly setting: string;
  readonly unit: string | null;
};

/** What PgBouncer says of one of its settings. */
export type PoolSetting = { readonly value: string; readonly changeable: boolean };

/** What is. */
export type Live = {
  /** By machine and path. */
  readonly files: ReadonlyMap<string, Found>;
  readonly dcs: Dcs;
  /** By name, of every setting that the leader knows. */
  readonly settings: ReadonlyMap<string, SettingFacts>;
  /** `SHOW CONFIG`, by pool and name. */
  readonly pools: ReadonlyMap<string, ReadonlyMap<string, PoolSetting>>;
  readonly leader: string;
  readonly members: readonly string[];
  /** Members whose PostgreSQL waits for a restart already. */
  readonly pending: readonly string[];
};
