import { z } from 'zod';
import { fileRef } from './backup';

/** A part of the cluster that can be told to read its configuration again. */
export const service = z.object({ kind: z.enum(['member', 'pool', 'proxy', 'etcd']), name: z.string() });
export type ServiceName = z.output<typeof service>;

/** A place in Patroni's dynamic configuration and what becomes of it; null is none. */
export const settingChange = z.object({ path: z.array(z.string()), before: z.unknown(), after: z.unknown() });
export type SettingChange = z.output<typeof settingChange>;

/** One act of a deploy, as data: whoever reads the journal later can do it, again or backwards. */
export const step = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('file'), machine: z.string(), path: z.string(), before: fileRef, after: fileRef }),
  z.object({ kind: z.literal('settings'), changes: z.array(settingChange) }),
  /** Read the files again: Patroni by its REST API, PgBouncer by RELOAD, HAProxy by its service. */
  z.object({
    kind: z.literal('reload'),
    service,
    /** The pool may have fewer server connections: those too many would stay for minutes if they were not let go. */
    shrinks: z.boolean(),
    shrinksBack: z.boolean(),
  }),
  /**
   * Restart the PostgreSQL members that wait for it, one at a time: standbys, a switchover, the old primary. In some
   * settings a standby can't have less than its primary, so what lowers those begins with the primary where it is.
   */
  z.object({
    kind: z.literal('restart-members'),
    members: z.array(z.string()),
    why: z.array(z.string()),
    lowers: z.boolean(),
    lowersBack: z.boolean(),
  }),
  z.object({ kind: z.literal('restart-service'), service, why: z.array(z.string()) }),
]);
export type Step = z.output<typeof step>;
export type StepOf<K extends Step['kind']> = Extract<Step, { kind: K }>;

/**
 * Files and settings first, then who must hear of them: a pool that may have fewer connections before the servers that
 * then allow fewer, one that may have more after the servers that then allow more.
 */
const rankOf = (one: Step): number => {
  switch (one.kind) {
    case 'file':
      return 0;
    case 'settings':
      return 1;
    case 'reload':
      return one.service.kind === 'pool' ? (one.shrinks ? 3 : 6) : 2;
    case 'restart-service':
      return one.service.kind === 'pool' ? 7 : 4;
    case 'restart-members':
      return 5;
  }
};

export const inOrder = <T extends { readonly step: Step }>(steps: readonly T[]): T[] =>
  steps.toSorted((a, b) => rankOf(a.step) - rankOf(b.step));

/** What takes a step back. */
export const inverse = (one: Step): Step => {
  switch (one.kind) {
    case 'file':
      return { ...one, before: one.after, after: one.before };
    case 'settings':
      return {
        ...one,
        changes: one.changes.map(({ path, before, after }) => ({ path, before: after, after: before })),
      };
    case 'restart-members':
      return { ...one, lowers: one.lowersBack, lowersBack: one.lowers };
    case 'reload':
      return { ...one, shrinks: one.shrinksBack, shrinksBack: one.shrinks };
    case 'restart-service':
      return one;
  }
};
