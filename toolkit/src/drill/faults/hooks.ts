import { exec } from '../../stack/exec';
import type { DrillMember, Hooks } from '../topology';
import type { UndoStep } from '../undo';
import type { Fault, FaultContext, Injected } from './fault';

/** `{member}` and `{host}` in a command are the member it is about. */
export const commandFor = (command: string, { name, host }: Pick<DrillMember, 'name' | 'host'>): string =>
  command.replaceAll('{member}', quoted(name)).replaceAll('{host}', quoted(host));

/** For a shell; names of members and hosts hold nothing that needs it, and one that does shall do no harm. */
const quoted = (text: string): string => (/^[\w.:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

const LIMIT_MS = 60_000;

export const runHook = async (command: string): Promise<void> => {
  const purpose = `"${command}"`;
  await exec('/bin/sh', ['-c', command], { purpose, signal: AbortSignal.timeout(LIMIT_MS) });
};

/** On a cluster whose processes are elsewhere: two commands, one that breaks and one that mends, do what a kind is about. */
export const byHooks = (fault: Fault, of: 'primary' | 'standby', hold: Injected['hold']): Fault => ({
  refusal: (topology) => (topology.hooks === undefined ? fault.refusal(topology) : undefined),
  inject: (context) =>
    context.topology.hooks === undefined
      ? fault.inject(context)
      : injectByHooks(context, context.topology.hooks, context[of], hold),
});

const injectByHooks = async (
  { journal }: FaultContext,
  hooks: Hooks,
  member: DrillMember,
  hold: Injected['hold'],
): Promise<Injected> => {
  const breaking = commandFor(hooks.break, member);
  const step: UndoStep = { kind: 'command', command: commandFor(hooks.mend, member) };
  journal.push(step);
  await runHook(breaking);
  return { what: `${breaking}`, member, hold, undo: [step] };
};
