import { forPeople, messageOf, SubmilliError } from '@submilli/core';
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { submilliBin } from '../stack/layout';
import { isAlive } from '../stack/procs';
import { ask, withSession } from './ask';
import { runHook } from './faults/hooks';
import { leaderOf, type Patroni } from './patroni';
import { resumePool } from './pool';
import { letGoOn } from './processes';
import { untilWhole } from './repair';
import { dropStatements } from './table';
import type { Topology } from './topology';
import { leftToUndo, removeUndo, type UndoStep } from './undo';

/** Takes one thing back. */
export const undo = async (step: UndoStep, topology: Topology, patroni: Patroni): Promise<void> => {
  switch (step.kind) {
    case 'continue':
      return letGoOn(step.processes);
    case 'start':
      return startAll(step.services, topology);
    case 'configuration':
      return patroni.patchConfig(step.patch);
    case 'resume-pool':
      return topology.pool === undefined ? undefined : resumePool(topology.pool);
    case 'drop-table':
      return dropTable(topology, patroni);
    case 'rejoin':
      return topology.hosts?.rejoin(step.host);
    case 'free-disk':
      return topology.hosts?.freeDisk(step.host);
    case 'command':
      return runHook(step.command);
  }
};

const startAll = async (services: readonly string[], { processes }: Topology): Promise<void> => {
  if (processes === undefined) return;
  await Promise.all(services.map((service) => processes.start(service)));
};

const dropTable = async (topology: Topology, patroni: Patroni): Promise<void> => {
  await withSession(await leaderOf(topology, patroni), topology.owner, async (client) => {
    for (const statement of dropStatements) await ask(client, statement, 30_000);
  });
};

const PATIENCE_SECONDS = 60;

/** Tries until it works: right after a fault there may be no leader to ask yet. */
export const undoSurely = async (step: UndoStep, topology: Topology, patroni: Patroni): Promise<void> => {
  const end = Date.now() + PATIENCE_SECONDS * 1000;
  for (;;) {
    try {
      return await undo(step, topology, patroni);
    } catch (error) {
      if (Date.now() > end) {
        throw new SubmilliError({ what: `can't undo "${step.kind}": ${messageOf(error)}`, cause: error });
      }
    }
    await sleep(500);
  }
};

/** Says a line only when it is another than the last. */
const onChange = (say: (line: string) => void): ((line: string) => void) => {
  let last = '';
  return (line) => {
    if (line !== last) say(line);
    last = line;
  };
};

/** What a drill that was cut off has left: undone, last first, until the cluster is healthy. False if there was nothing. */
export const restoreLeft = async (
  topology: Topology,
  patroni: Patroni,
  say: (line: string) => void,
): Promise<boolean> => {
  const left = leftToUndo(topology.workDirectory);
  if (left === undefined) return false;
  if (isAlive(left.drill)) {
    const hint = 'It restores all by itself when it ends: stop it with Ctrl-C.';
    throw new SubmilliError({ what: `the drill still runs (process ${left.drill.pid})`, hint });
  }
  for (const step of left.steps.toReversed()) {
    say(`undoing: ${step.kind}`);
    await undoSurely(step, topology, patroni);
  }
  await untilWhole({ topology, patroni, signal: undefined, say: onChange(say), helped: say });
  removeUndo(topology.workDirectory);
  return true;
};

/**
 * A process that outlives this one, whatever ends it, SIGKILL included: when its standard input is closed by our end, it
 * undoes what is left.
 */
export const startGuard = (args: readonly string[]): void => {
  const guard = spawn(process.execPath, [submilliBin, 'drill', 'restore', '--after-death', ...args], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true, // Ctrl-C is for us
  });
  guard.on('error', (error) => console.error(`nobody watches over this drill: ${forPeople(error)}`));
  guard.unref();
  (guard.stdin as unknown as { unref?: () => void }).unref?.();
};
