import type { Logger } from '@submilli/core';
import type { Doctor } from './doctor';
import type { Finding } from './finding';
import { watch } from './watch';

const finding = (part: Partial<Finding> = {}): Finding => ({
  ...{ id: 'a', rule: 'paused', severity: 'warning', where: 'pool', title: 'app is paused', evidence: [] },
  ...{ remedy: 'RESUME', act: null, spared: null },
  ...part,
});

type Round = { readonly findings?: readonly Finding[]; readonly blind?: readonly string[] };

/** What a doctor says that sees these rounds, one after the other. */
const said = async (...rounds: readonly Round[]): Promise<string[]> => {
  const stop = new AbortController();
  const lines: string[] = [];
  const note = (_: object, message: string): void => void lines.push(message);
  const log: Logger = { debug: note, info: note, warn: note, error: note };
  const left = [...rounds];
  const doctor: Doctor = {
    round: () => {
      const { findings = [], blind = [] } = left.shift() ?? {};
      if (left.length === 0) stop.abort();
      const facts = { servers: [], pools: [], blind: blind.map((where) => ({ where, why: 'ECONNREFUSED' })) };
      return Promise.resolve({ facts, findings, blind: facts.blind });
    },
    close: () => Promise.resolve(),
  };
  await watch({ doctor, everySeconds: 0, healing: undefined, log, signal: stop.signal });
  return lines;
};

describe('a doctor that watches', () => {
  it('says what is new and what is gone, and nothing twice', async () => {
    const paused = { findings: [finding()] };
    expect(await said({}, paused, paused, {}, {})).toEqual(['app is paused', 'gone: app is paused']);
  });

  it('says again what has become worse', async () => {
    const worse = { findings: [finding({ severity: 'critical' })] };
    expect(await said({ findings: [finding()] }, worse, worse)).toEqual(['app is paused', 'app is paused']);
  });

  it('takes nothing for gone of who was not seen, and says once that they were not', async () => {
    const unseen = { blind: ['pool'] };
    expect(await said({ findings: [finding()] }, unseen, unseen, { findings: [finding()] }, {})).toEqual([
      ...['app is paused', 'not seen: ECONNREFUSED', 'seen again', 'gone: app is paused'],
    ]);
  });
});
