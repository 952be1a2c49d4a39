import { plural } from '../report/words';
import { unifiedDiff } from '../stack/diff';
import { nameOf, textOf } from './dcs';
import { type Finding, sayFinding } from './lint';
import type { FileChange, Plan } from './plan';
import type { Step } from './step';
import { keyOf } from './wanted';

/** Passwords as themselves, and what is as good as one: verifiers and keys. */
const redacted = (text: string, secrets: readonly string[]): string =>
  secrets
    .filter((secret) => secret.length >= 8)
    .reduce((shown, secret) => shown.replaceAll(secret, '(secret)'), text)
    .replaceAll(/SCRAM-SHA-256\$[^"\s]+/g, '(verifier)');

/** A change of a file as a unified diff; of a secret one only that it changes. */
export const fileDiff = ({ file, before, after }: FileChange, secrets: readonly string[]): string => {
  const name = keyOf(file);
  if (file.secret) return `${name}: ${before === undefined ? 'a new secret' : 'another secret'} (not shown)\n`;
  const [old, wanted] = [before?.content.toString() ?? '', after.content.toString()];
  const [shownOld, shownNew] = [redacted(old, secrets), redacted(wanted, secrets)];
  if (before !== undefined && shownOld === shownNew) return `${name}: other passwords (not shown)\n`;
  const from = before === undefined ? '/dev/null' : name;
  return unifiedDiff(from, name, shownOld, shownNew);
};

/** Files that change in the same way are shown with one body: members differ in their names only. */
const together = (diffs: readonly string[]): string[] => {
  const heads = new Map<string, string[]>();
  for (const diff of diffs) {
    const [, head = diff, body = ''] = /^(---.*\n\+\+\+.*\n)([^]*)$/.exec(diff) ?? [];
    heads.set(body === '' ? diff : body, [...(heads.get(body === '' ? diff : body) ?? []), head]);
  }
  return [...heads].map(([body, own]) => (own[0] === body ? body : `${own.join('')}${body}`).trimEnd() + '\n');
};

/** The changes of Patroni's dynamic configuration in the form of a diff, with the reason beside what is new. */
export const settingsDiff = ({ settings, whys }: Pick<Plan, 'settings' | 'whys'>): string => {
  if (settings.length === 0) return '';
  const lines = settings.flatMap(({ path, before, after }) => {
    const name = nameOf(path);
    const why = whys.get(name);
    return [
      ...(before === null ? [] : [`-${name}: ${textOf(before)}`]),
      ...(after === null ? [] : [`+${name}: ${textOf(after)}${why === undefined ? '' : `  # ${why}`}`]),
    ];
  });
  return ['--- Patroni’s dynamic configuration', '+++ Patroni’s dynamic configuration', ...lines, ''].join('\n');
};

/** How much of a step clients notice. */
export const noticeOf = (step: Step): string => {
  switch (step.kind) {
    case 'file':
      return 'nobody notices';
    case 'settings':
      return 'nobody is disconnected';
    case 'reload':
      return step.shrinks ? 'server connections are made anew as they come free' : 'nobody is disconnected';
    case 'restart-members':
      return step.lowers
        ? 'the primary is away for some seconds; clients of the pool wait'
        : 'a switchover: some two seconds without writes; clients of the pool wait';
    case 'restart-service':
      return step.service.kind === 'pool' ? 'its clients are disconnected' : 'one member of several is away';
  }
};

export const stepText = (step: Step): string => {
  switch (step.kind) {
    case 'file':
      return `${step.after === null ? 'remove' : step.before === null ? 'put' : 'change'} ${step.machine}:${step.path}`;
    case 'settings':
      return `set ${step.changes.map(({ path }) => nameOf(path)).join(', ')} in Patroni`;
    case 'reload':
      return `have ${step.service.name} read its files again`;
    case 'restart-members':
      return step.lowers
        ? `restart the primary, then the standbys (${step.members.join(', ')}), for ${step.why.join(', ')}`
        : `restart ${step.members.join(', ')}, standbys first, then a switchover, for ${step.why.join(', ')}`;
    case 'restart-service':
      return `restart ${step.service.name}, for ${step.why.join(', ')}`;
  }
};

export type Shown = {
  readonly plan: Plan;
  /** Findings that the change brings. */
  readonly findings: readonly Finding[];
  readonly secrets: readonly string[];
};

export const isNothing = ({ steps, refusals }: Plan): boolean => steps.length === 0 && refusals.length === 0;

const bulleted = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];

/** The plan as people read it in a terminal. */
export const planText = ({ plan, findings, secrets }: Shown): string => {
  if (isNothing(plan)) return [`${plan.cluster} is as it is wanted.`, ...foreignLines(plan)].join('\n');
  const width = String(plan.steps.length).length;
  return [
    ...together(plan.files.map((change) => fileDiff(change, secrets))),
    settingsDiff(plan),
    `${plan.cluster}: ${plural(plan.steps.length, 'step')}, ${plan.restarts.length === 0 ? 'no restart' : 'WITH A RESTART'}`,
    ...plan.steps.map((step, i) => `  ${String(i + 1).padStart(width)}. ${stepText(step)}: ${noticeOf(step)}`),
    ...bulleted('For you to do:', plan.notes),
    ...foreignLines(plan),
    ...bulleted('What lint says of the change:', findings.map(sayFinding)),
    ...bulleted('It can’t be done:', plan.refusals),
  ].join('\n');
};

const foreignLines = ({ foreign }: Plan): string[] =>
  bulleted(
    'Set by somebody else, and left as it is:',
    foreign.map(({ path, value }) => `${nameOf(path)}: ${textOf(value)}`),
  );

/** The same for programs. */
export const planJson = ({ plan, findings, secrets }: Shown): object => ({
  cluster: plan.cluster,
  changed: !isNothing(plan),
  files: plan.files.map((change) => ({
    ...{ machine: change.file.machine, path: change.file.path },
    change: change.before === undefined ? 'new' : 'changed',
    diff: fileDiff(change, secrets),
  })),
  settings: plan.settings.map(({ path, before, after }) => ({
    ...{ name: nameOf(path), path, before, after, why: plan.whys.get(nameOf(path)) ?? null },
  })),
  steps: plan.steps.map((step) => ({ kind: step.kind, what: stepText(step), notice: noticeOf(step) })),
  restarts: plan.restarts,
  foreign: plan.foreign,
  notes: plan.notes,
  refusals: plan.refusals,
  findings,
});
