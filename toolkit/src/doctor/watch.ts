import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@submilli/core';
import type { Doctor } from './doctor';
import type { Finding } from './finding';
import type { Audit } from './heal/audit';
import { heal, pastOf } from './heal/heal';
import type { Healer } from './heal/act';
import { type Budget, type Past, planOf } from './judge/judge';
import { actText } from './words';

export type Healing = {
  readonly healer: Healer;
  readonly audit: Audit;
  readonly budget: Budget;
  readonly patienceSeconds: number;
};

export type WatchOptions = {
  readonly doctor: Doctor;
  readonly everySeconds: number;
  /** Undefined: only looks. */
  readonly healing: Healing | undefined;
  readonly log: Logger;
  readonly signal: AbortSignal;
};

/** Round after round until told to stop; says what is new and what is gone, and not what it said before. */
export const watch = async ({ doctor, everySeconds, healing, log, signal }: WatchOptions): Promise<void> => {
  let known: ReadonlyMap<string, Finding> = new Map();
  let unseen: ReadonlySet<string> = new Set();
  let past: readonly Past[] = healing?.audit.past ?? [];
  while (!signal.aborted) {
    const begun = performance.now();
    const { facts, findings } = await doctor.round();
    unseen = tellUnseen(unseen, facts.blind, log);
    known = tellFindings(known, findings, unseen, log);
    if (healing !== undefined) past = await healNow(findings, past, healing, log, signal);
    const left = everySeconds * 1000 - (performance.now() - begun);
    await sleep(Math.max(0, left), undefined, { signal }).catch(() => undefined);
  }
};

const tellFindings = (
  known: ReadonlyMap<string, Finding>,
  findings: readonly Finding[],
  unseen: ReadonlySet<string>,
  log: Logger,
): ReadonlyMap<string, Finding> => {
  // Of who was not seen this time nobody knows that anything is gone.
  const kept = [...known.values()].filter(({ where }) => unseen.has(where));
  const now = new Map([...kept, ...findings].map((finding) => [finding.id, finding]));
  for (const finding of findings) {
    const before = known.get(finding.id);
    if (before?.severity === finding.severity) continue;
    const { rule, where, severity, evidence, remedy, spared } = finding;
    log.warn({ rule, where, severity, evidence, remedy, spared }, finding.title);
  }
  for (const [id, { rule, where, title }] of known) if (!now.has(id)) log.info({ rule, where }, `gone: ${title}`);
  return now;
};

const tellUnseen = (
  before: ReadonlySet<string>,
  blind: readonly { readonly where: string; readonly why: string }[],
  log: Logger,
): ReadonlySet<string> => {
  for (const { where, why } of blind) if (!before.has(where)) log.warn({ where }, `not seen: ${why}`);
  const now = new Set(blind.map(({ where }) => where));
  for (const where of before) if (!now.has(where)) log.info({ where }, 'seen again');
  return now;
};

const healNow = async (
  findings: readonly Finding[],
  past: readonly Past[],
  { healer, audit, budget, patienceSeconds }: Healing,
  log: Logger,
  signal: AbortSignal,
): Promise<readonly Past[]> => {
  const at = Date.now();
  const recent = past.filter((one) => at - one.at < Math.max(budget.perSeconds, budget.againSeconds) * 1000);
  const plan = planOf(findings, recent, budget, at);
  const used = recent.filter((one) => at - one.at < budget.perSeconds * 1000).length;
  const { done } = await heal(plan, {
    ...{ healer, audit, patienceSeconds, left: Math.max(0, budget.most - used), signal, now: () => new Date() },
    onDone: ({ act, outcome }) => log.info({ act: act.kind, ...outcome }, `${outcome.result}: ${actText(act)}`),
  });
  return [...recent, ...pastOf(done, at)];
};
