import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, SubmilliError } from '@submilli/core';
import type { Patroni } from '../drill/patroni';
import type { Access } from './cluster';
import { isSameValue, nameOf, parameterAt, patchOf, textOf, valueAt } from './dcs';
import { Conflict } from './conflict';
import { hasValue } from './quantity';
import { serverSettings } from './servers';
import type { StepOf } from './step';

const TAKEN_SECONDS = 30;
const LOOK_MS = 300;

/**
 * Gives Patroni what is to change, and waits until every server shows what it can take without a restart. On the way back
 * nobody waits for that yet: what is in the way of asking may be what a later step takes back.
 */
export const changeSettings = async (
  { changes }: StepOf<'settings'>,
  direction: 'forward' | 'back',
  access: Access,
  patroni: Patroni,
  say: (detail: string) => void,
): Promise<string> => {
  const live = await patroni.rawConfig();
  const due = changes.filter(({ path, after }) => !isSameValue(valueAt(live, path), after));
  for (const { path, before } of due) {
    const now = valueAt(live, path);
    if (isSameValue(now, before)) continue;
    throw new Conflict({
      what: `somebody set ${nameOf(path)} to ${textOf(now)} since the plan was made`,
      where: access.cluster,
      hint: 'It is left as it is: plan again.',
    });
  }
  if (due.length > 0) {
    await patroni.patchConfig(patchOf(due));
    // A round of each member: until then who waits for a restart is known only as it was.
    await sleep((Number(live.loop_wait ?? 10) + 1) * 1000);
  }
  if (direction === 'forward') await untilTaken(changes, access, say);
  return changes.map(({ path, after }) => `${nameOf(path)} = ${textOf(after)}`).join(', ');
};

type Change = StepOf<'settings'>['changes'][number];

const untilTaken = async (changes: readonly Change[], access: Access, say: (detail: string) => void): Promise<void> => {
  const end = Date.now() + TAKEN_SECONDS * 1000;
  for (;;) {
    const [missing] = await settingsMissing(changes, access);
    if (missing === undefined) return;
    if (Date.now() > end) {
      throw new SubmilliError({
        what: missing,
        where: access.cluster,
        hint: 'Its log says why: a value it does not take, perhaps.',
      });
    }
    say(missing);
    await sleep(LOOK_MS);
  }
};

/** What a member does not show. Without a value of its own a setting is PostgreSQL's: nothing to compare. */
export const settingsMissing = async (
  changes: readonly Change[],
  { members, watcher }: Access,
): Promise<readonly string[]> => {
  if (changes.length === 0) return [];
  const missing: string[] = [];
  for (const member of members) {
    const shown = await serverSettings(member, watcher).catch((error: unknown) => messageOf(error));
    if (typeof shown === 'string') {
      missing.push(`${member.name} can’t be asked: ${shown}`);
      continue;
    }
    for (const { path, after } of changes) {
      const name = parameterAt(path);
      const facts = name === undefined ? undefined : shown.get(name);
      if (name === undefined || facts === undefined || after === null || facts.context === 'postmaster') continue;
      if (!hasValue(facts, after))
        missing.push(`${member.name} does not show ${name} = ${textOf(after)} but ${facts.setting}`);
    }
  }
  return missing;
};
