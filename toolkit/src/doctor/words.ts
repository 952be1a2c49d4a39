import type { Act, Finding } from './finding';
import type { Done } from './heal/heal';

/** An act as one would type it. */
export const actText = (act: Act): string => {
  switch (act.kind) {
    case 'reconnect':
      return `RECONNECT "${act.database}" on ${act.pool}`;
    case 'reload':
      return `RELOAD on ${act.pool}`;
    case 'cancel':
    case 'terminate':
      return `${act.kind} ${act.label} on ${act.server}`;
  }
};

/** One line: what, on what evidence, what a person would do, what --heal does. */
export const findingLine = (finding: Finding, heals: boolean): string => {
  const { severity, where, title, evidence, remedy } = finding;
  const proof = evidence.length === 0 ? '' : ` (${evidence.join('; ')})`;
  return `${severity.toUpperCase().padEnd(8)} ${where}: ${title}${proof}. Remedy: ${remedy}${healWord(finding, heals)}`;
};

const healWord = ({ act, spared }: Finding, heals: boolean): string => {
  if (heals || act === null) return '';
  return spared === null ? `  [--heal: ${actText(act)}]` : `  [--heal leaves it: ${spared}]`;
};

export const doneLine = ({ act, outcome }: Done): string => {
  const words = { done: 'done', moot: 'not needed any more', failed: 'FAILED' }[outcome.result];
  return `${actText(act)}: ${words}${outcome.result === 'done' ? '' : ` (${outcome.detail})`}`;
};
