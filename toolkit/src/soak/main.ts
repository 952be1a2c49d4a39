/**
 * `npm run soak`: load, faults and scrapes on a stack of its own for an hour, and what came of it. Exit status: 0 all that
 * is promised was kept; 1 something was not, or it could not run; 130 interrupted.
 */
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { forPeople, SubmilliError } from '@submilli/core';
import { soakPage } from '../docs/soak-page';
import { thisMachine } from '../load/machine';
import { checkout, layoutOf } from '../stack/layout';
import type { Recording } from './recording';
import { reportOf } from './report/make';
import { runSoak } from './run';
import { soakFaults } from './faults';
import { bringUp, takeDown, temporaryFolder } from './subject';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    rate: { type: 'string', default: '100' },
    processes: { type: 'string', default: '1' },
    every: { type: 'string', default: '2' },
    faults: { type: 'string', default: '' },
    out: { type: 'string', default: join(checkout, '.soak') },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const help = `npm run soak -- [--minutes 60] [--seed N] [--rate 100] [--processes 1|4] [--every 2] [--faults a,b] [--out DIR] [--keep]

Brings a stack up in a temporary folder, which needs its fixed ports free, and takes it down again whatever happens. Writes
soak.json, soak.md and images/ into DIR (default: .soak in the checkout); with --out docs, what the documentation shows. On
findings, or with --keep, the recording and the logs stay beside them in DIR/recording.

Faults: ${soakFaults.map(({ kind }) => kind).join(', ')}
`;

const say = (text: string): void => void process.stderr.write(`${text}\n`);

const whole = (name: 'minutes' | 'seed' | 'rate' | 'every', least: number): number => {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= least) return value;
  throw new SubmilliError({ what: `--${name} takes a whole number from ${least}` });
};

const main = async (interrupted: AbortSignal): Promise<number> => {
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const asked = {
    ...{
      minutes: whole('minutes', 4),
      seed: whole('seed', 0),
      rate: whole('rate', 1),
      everySeconds: whole('every', 1),
    },
    processes: values.processes === '4' ? (4 as const) : (1 as const),
  };
  const kinds = values.faults === '' ? [] : values.faults.split(',');
  const unknown = kinds.filter((name) => !soakFaults.some(({ kind }) => kind === name));
  if (unknown.length > 0) throw new SubmilliError({ what: `no fault is called ${unknown.join(', ')}`, hint: help });
  const machine = thisMachine();
  const folder = temporaryFolder();
  const state = join(folder, 'stack');
  let recording: Recording;
  const out = resolve(values.out);
  try {
    say(`A stack in ${state}; seed ${asked.seed}`);
    const subject = await bringUp({ state, ...asked }, interrupted, (line) => say(`  ${line}`));
    recording = await runSoak({ subject, ...asked, kinds, signal: interrupted, say });
    const report = reportOf(recording, asked, machine);
    for (const [name, text] of Object.entries({
      'soak.json': `${JSON.stringify(report)}\n`,
      ...soakPage(report),
    })) {
      mkdirSync(dirname(join(out, name)), { recursive: true });
      writeFileSync(join(out, name), text);
    }
    await takeDown(state, say);
    if (!report.passed || values.keep) keepRecording(join(out, 'recording'), state, recording);
    for (const { promise, looked, judged, findings } of report.checks) {
      say(`${findings.length > 0 ? 'BROKEN    ' : judged ? 'kept      ' : 'not judged'}  ${promise} (${looked})`);
      for (const finding of findings) say(`            ${finding}`);
    }
    for (const why of report.notJudged) say(`Not judged: ${why}.`);
    say(`${report.passed ? 'Passed' : 'Failed'}. Report: ${join(out, 'soak.md')}`);
    return interrupted.aborted ? 130 : report.passed ? 0 : 1;
  } finally {
    await takeDown(state, say);
    rmSync(folder, { recursive: true, force: true });
  }
};

/** The first Ctrl-C ends the run in good order; the stack is taken down in all cases, however often it is pressed. */
const interruption = (): AbortSignal => {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!controller.signal.aborted) say('Stopping: the stack is taken down first.');
      controller.abort(new SubmilliError({ what: 'interrupted' }));
    });
  }
  return controller.signal;
};

const keepRecording = (folder: string, state: string, recording: Recording): void => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'recording.json'), JSON.stringify(recording));
  const { logs } = layoutOf(state);
  if (existsSync(logs)) cpSync(logs, join(folder, 'logs'), { recursive: true });
};

const interrupted = interruption();
main(interrupted).then(
  (code) => process.exit(code),
  (error: unknown) => {
    say(`soak: ${forPeople(error)}`);
    process.exit(interrupted.aborted ? 130 : 1);
  },
);
