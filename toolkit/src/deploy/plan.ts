import type { FileState } from '../stack/durable';
import { isSameFile, refOf } from './backup';
import { type DcsDifference, differenceOf, nameOf, parameterAt } from './dcs';
import { type Effect, lowersForStandbys, noEffect, patroniEffect, poolEffect } from './effect';
import type { Live } from './live';
import { inOrder, type ServiceName, type SettingChange, type Step } from './step';
import { keyOf, type Wanted, type WantedFile } from './wanted';

export type FileChange = {
  readonly file: WantedFile;
  readonly before: FileState | undefined;
  readonly after: FileState;
  readonly effect: Effect;
};

export type Plan = {
  readonly cluster: string;
  readonly files: readonly FileChange[];
  readonly settings: readonly SettingChange[];
  readonly steps: readonly Step[];
  /** Settings that only a restart brings, and of what. Empty: nothing is restarted. */
  readonly restarts: readonly string[];
  /** What is live and neither wanted nor ours: it stays. */
  readonly foreign: DcsDifference['foreign'];
  /** What is left for people to do. */
  readonly notes: readonly string[];
  /** Why it can't be done. */
  readonly refusals: readonly string[];
  readonly whys: Wanted['whys'];
};

/** From what is to what shall be, the least disruptive way. `owned` is what the last deploy put into Patroni's configuration. */
export const planOf = (wanted: Wanted, live: Live, owned: readonly (readonly string[])[]): Plan => {
  const files = wanted.files.flatMap((file) => changeOf(file, live));
  const { changes, foreign } = differenceOf(live.dcs, wanted.dcs, owned);
  const steps = inOrder(
    [
      ...files.map(({ file, before, after }): Step => ({
        ...{ kind: 'file', machine: file.machine, path: file.path, before: refOf(before), after: refOf(after) },
      })),
      ...settingsStep(changes),
      ...reloadsOf(files),
      ...serviceRestartsOf(files),
      ...memberRestartsOf(files, changes, live),
    ].map((step) => ({ step })),
  ).map(({ step }) => step);
  return {
    ...{ cluster: wanted.cluster, files, settings: changes, steps, foreign, whys: wanted.whys },
    restarts: steps.flatMap(restartsIn),
    notes: [
      ...pendingNotes(live),
      ...new Set(files.flatMap(({ file: { part } }) => (part.of === undefined ? (part.note ?? []) : []))),
    ],
    refusals: [
      ...files.flatMap(({ file, effect }) =>
        effect.refusal === undefined ? [] : [`${keyOf(file)}: ${effect.refusal}`],
      ),
      ...missingFolders(wanted.files, live),
      ...changes.flatMap((change) => refusalOf(change, live) ?? []),
    ],
  };
};

const pendingNotes = ({ pending }: Live): string[] =>
  pending.length === 0
    ? []
    : [`a restart of ${pending.join(', ')} was due before this already, and comes with any that it has`];

const settingsStep = (changes: readonly SettingChange[]): Step[] =>
  changes.length === 0 ? [] : [{ kind: 'settings', changes: [...changes] }];

const changeOf = (file: WantedFile, live: Live): FileChange[] => {
  const there = live.files.get(keyOf(file));
  if (there === undefined) return [];
  const before = there.file;
  if (before !== undefined && file.once) return [];
  const owner = before ?? there.folder;
  if (owner === undefined) return []; // refused below
  const { uid, gid } = owner;
  const after = { content: file.content, mode: before?.mode ?? file.mode, uid, gid };
  return isSameFile(refOf(before), refOf(after)) ? [] : [{ file, before, after, effect: effectOf(file, before, live) }];
};

const effectOf = ({ part, content }: WantedFile, before: FileState | undefined, live: Live): Effect => {
  if (part.of === undefined) return noEffect;
  const { kind, name } = part.of;
  if (part.is === 'beside' || before === undefined) return { ...noEffect, reload: kind !== 'etcd' };
  const [old, wanted] = [before.content.toString(), content.toString()];
  if (kind === 'member') return patroniEffect(old, wanted, live.settings);
  if (kind === 'pool') return poolEffect(old, wanted, live.pools.get(name) ?? new Map());
  return kind === 'etcd'
    ? { ...noEffect, restart: ['etcd reads its configuration at its start'] }
    : { ...noEffect, reload: true };
};

/** The services that changed files are of, each once. */
const servicesOf = (files: readonly FileChange[], kind?: ServiceName['kind']) => {
  const byName = new Map<string, { service: ServiceName; effects: Effect[] }>();
  for (const { file, effect } of files) {
    const { of: service } = file.part;
    if (service === undefined || (kind !== undefined && service.kind !== kind)) continue;
    const key = `${service.kind} ${service.name}`;
    byName.set(key, { service, effects: [...(byName.get(key)?.effects ?? []), effect] });
  }
  return [...byName.values()];
};

const reloadsOf = (files: readonly FileChange[]): Step[] =>
  servicesOf(files)
    .filter(({ effects }) => effects.some(({ reload }) => reload))
    .map(({ service, effects }) => ({
      ...{ kind: 'reload', service },
      shrinks: effects.some(({ shrinks }) => shrinks),
      shrinksBack: effects.some(({ grows }) => grows),
    }));

const serviceRestartsOf = (files: readonly FileChange[]): Step[] =>
  servicesOf(files)
    .filter(({ service: { kind } }) => kind !== 'member')
    .map(({ service, effects }) => ({ service, why: effects.flatMap(({ restart }) => restart) }))
    .filter(({ why }) => why.length > 0)
    .map(({ service, why }) => ({ kind: 'restart-service', service, why }));

const memberRestartsOf = (files: readonly FileChange[], changes: readonly SettingChange[], live: Live): Step[] => {
  const own = servicesOf(files, 'member').map(({ service, effects }) => ({
    name: service.name,
    why: effects.flatMap(({ restart }) => restart),
  }));
  const shared = changes.flatMap(({ path, before, after }) => {
    const name = parameterAt(path);
    if (name === undefined || live.settings.get(name)?.context !== 'postmaster') return [];
    // Without a value of its own it is PostgreSQL's, which the leader tells only while it has it.
    const running = live.settings.get(name)?.setting;
    return [{ name, before: before ?? running, after: after ?? running }];
  });
  const members = shared.length > 0 ? live.members : own.filter(({ why }) => why.length > 0).map(({ name }) => name);
  if (members.length === 0) return [];
  return [
    {
      kind: 'restart-members',
      members: [...members],
      why: [...new Set([...shared.map(({ name }) => name), ...own.flatMap(({ why }) => why)])],
      lowers: shared.some(({ name, before, after }) => lowersForStandbys(name, before, after)),
      lowersBack: shared.some(({ name, before, after }) => lowersForStandbys(name, after, before)),
    },
  ];
};

const restartsIn = (step: Step): string[] => {
  if (step.kind === 'restart-members') return [`PostgreSQL on ${step.members.join(', ')}, for ${step.why.join(', ')}`];
  return step.kind === 'restart-service' ? [`${step.service.name}, for ${step.why.join(', ')}`] : [];
};

const missingFolders = (files: readonly WantedFile[], live: Live): string[] => [
  ...new Set(
    files.flatMap((file) => {
      const there = live.files.get(keyOf(file));
      if (there?.file !== undefined || there?.folder !== undefined) return [];
      return [`${keyOf(file)}: its folder is not there: put the machine up first, as cluster/README.md says`];
    }),
  ),
];

/** Extensions have settings that nobody knows before they are loaded; all others the server can name. */
const refusalOf = ({ path, after }: SettingChange, { settings }: Live): string | undefined => {
  const name = parameterAt(path);
  if (name === undefined || name.includes('.') || after === null) return undefined;
  const facts = settings.get(name);
  if (facts === undefined) return `${name}: PostgreSQL has no such setting here`;
  return facts.context === 'internal' ? `${nameOf(path)}: PostgreSQL tells it, nobody sets it` : undefined;
};
