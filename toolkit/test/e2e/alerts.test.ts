import { openEars, type Ears } from './alerts/ears';
import { acts } from './alerts/acts';
import { bePatient } from './alerts/cluster';
import { prepareDamage } from './alerts/damage';
import { type Fault, lookAround } from './alerts/fault';
import { type Lab, run } from './alerts/lab';
import { lowered } from './alerts/lowered';
import { isFiring } from './alerts/seen';
import { setForward } from './alerts/set-forward';
import { stages } from './alerts/stage';
import { stateDirectory, submilli, untilWhole } from './stack';

jest.setTimeout(300_000);

const state = stateDirectory();
let ears: Ears;
const lab = (): Lab => ({ state, ears });

beforeAll(async () => {
  ears = await openEars();
  const webhook = ['--webhook', `${ears.url}/webhook`];
  const { status, output } = submilli(
    ...['stack', 'up', '--detach', '--yes', '--rate', '20', '--processes', '4', '--no-preview', '--state', state],
    ...webhook,
  );
  if (status !== 0) throw new Error(`the stack did not start:\n${output}`);
  await untilWhole();
  await bePatient(lab());
  const scene = await lookAround(lab());
  await run(lab(), scene.leader.port, 'CREATE SCHEMA faults');
  await prepareDamage(scene);
  await setForward(lab(), lowered);
}, 600_000);

afterAll(async () => {
  submilli('stack', 'down', '--state', state);
  await ears.close();
}, 120_000);

const stage = stages(lab);
const [slow, backups] = [stage(acts.slow), stage(acts.backups)];
const [sessions, pool] = [stage(acts.sessions), stage(acts.pool)];

describe('what goes wrong slowly', () => {
  slow.begins();
  backups.begins();
});

describe('what sessions, applications and those who watch do', () => {
  sessions.begins();
  sessions.isTold();
  sessions.isMended();
  sessions.isOver();
});

describe('the pool, when it is crowded', () => {
  pool.begins();
  pool.isTold();
  pool.isMended();
  pool.isOver();
});

describe('what has gone wrong slowly', () => {
  slow.isTold();
  slow.isMended();
});

const oneAfterTheOther = (title: string, faults: readonly Fault[]): void => {
  describe(title, () => {
    const act = stage(faults);
    act.begins();
    act.isTold();
    act.isMended();
    act.isOver();
  });
};

oneAfterTheOther('a standby that does not follow', acts.replication);
oneAfterTheOther('a standby of which only Patroni tells', acts.unwatched);

describe('what is wrong with the backups', () => {
  backups.isTold();
  backups.isMended();
  backups.isOver();
});

oneAfterTheOther('the loss of the primary', acts.primary);
oneAfterTheOther('one switchover after the other', acts.switchovers);
oneAfterTheOther('the loss of etcd, of the archive and of a page', acts.store);
oneAfterTheOther('a cluster without a leader', acts.leader);
oneAfterTheOther('two primaries', acts.split);

describe('what had gone wrong slowly', () => {
  slow.isOver();
});

oneAfterTheOther('exporters without anything to ask', acts.misled);
oneAfterTheOther('Prometheus without anything to ask', acts.watching);

describe('who is told', () => {
  it('hears the heartbeat again and again, and nothing else with it', () => {
    const beats = ears.notifications.filter(({ receiver }) => receiver === 'heartbeat');
    expect(beats.length).toBeGreaterThan(20);
    const names = new Set(beats.flatMap(({ alerts }) => alerts.map(({ labels }) => labels.alertname)));
    expect([...names]).toEqual(['Watchdog']);
    expect(beats.flatMap(({ alerts }) => alerts).every(isFiring)).toBe(true);
  });

  it.each([
    ['pagerduty', ['page']],
    ['slack', ['page', 'database']],
  ] as const)('reads by %s what is the matter, what to do about it, and since when', (via, receivers) => {
    const texts = ears.messages.filter((message) => message.via === via).map(({ text }) => text);
    const told = ears.notifications
      .filter(({ receiver }) => receivers.some((one) => one === receiver))
      .flatMap(({ alerts }) => alerts.filter(isFiring));
    expect(told.length).toBeGreaterThan(20);
    const unread = told.filter(({ annotations: { description = '', runbook_url = '', advice_url }, startsAt }) => {
      const lines = [
        description,
        ...(advice_url === undefined ? [] : [`What to do: ${advice_url}`]),
        `Runbook: ${runbook_url}`,
        `Since ${startsAt.slice(0, 19).replace('T', ' ')} UTC`,
      ];
      return !texts.some((text) => lines.every((line) => text.includes(line)));
    });
    expect(unread).toEqual([]);
  });
});
