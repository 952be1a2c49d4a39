import type { Emit, StackEvent } from './events';
import { upReport } from './table';

type Out = { readonly write: (text: string) => unknown; readonly isTTY?: boolean; readonly columns?: number };

const REDRAW_MS = 100;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/**
 * Shows a supervisor's events: one line per step. On a terminal the line of the running step is redrawn with its
 * elapsed time and what it is waiting for; elsewhere it is written when the step begins and completed when it ends.
 */
export const makeProgress = (out: Out, now: () => number = Date.now): Emit => {
  let current: { readonly label: string; readonly since: number; detail: string } | undefined;
  let timer: NodeJS.Timeout | undefined;

  const draw = (): void => {
    if (current === undefined) return;
    const line = `${current.label} ${seconds(now() - current.since)}  ${current.detail}`.trimEnd();
    out.write(`\r\x1b[K${line.slice(0, (out.columns ?? 80) - 1)}`);
  };
  const begin = (label: string): void => {
    current = { label, since: now(), detail: '' };
    if (out.isTTY !== true) out.write(label);
    else timer = setInterval(draw, REDRAW_MS);
  };
  const end = (tail: string): void => {
    clearInterval(timer);
    if (current === undefined) return;
    const time = seconds(now() - current.since);
    out.write(out.isTTY === true ? `\r\x1b[K${current.label} ${time}${tail}\n` : ` ${time}${tail}\n`);
    current = undefined;
  };
  /** A line of its own, without disturbing a running step's. */
  const line = (text: string): void => {
    if (current !== undefined) out.write(out.isTTY === true ? '\r\x1b[K' : '\n');
    out.write(`${text}\n`);
  };

  return (event: StackEvent): void => {
    switch (event.kind) {
      case 'begin': {
        const width = String(event.total).length;
        return begin(`[${String(event.index).padStart(width)}/${event.total}] ${event.title}`);
      }
      case 'say':
        if (current !== undefined) current.detail = event.detail;
        return;
      case 'done':
        return end(event.detail === undefined || event.detail === '' ? '' : `  ${event.detail}`);
      case 'failed':
        return end('  failed');
      case 'up':
        return line(`\n${upReport(event.status)}\n`);
      case 'note':
        return line(event.text);
      case 'down':
        return line('Everything is stopped.');
    }
  };
};
