import { describeDoctor } from './load/doctor';
import { describeLoad } from './load/load';
import { describeStress } from './load/stress';
import { endRunning } from './running';
import { stateDirectory, submilli, untilWhole } from './stack';

jest.setTimeout(300_000);

/** One stack for all that puts it under load, or looks after its pool. */
const state = stateDirectory();

beforeAll(async () => {
  const { status, output } = submilli(
    ...['stack', 'up', '--detach', '--yes', '--rate', '20', '--no-preview', '--state', state],
  );
  if (status !== 0) throw new Error(`the stack did not start:\n${output}`);
  await untilWhole();
}, 400_000);
afterAll(() => {
  endRunning();
  submilli('stack', 'down', '--state', state);
}, 120_000);

describe('submilli load', () => describeLoad(state));
describe('submilli stress', () => describeStress(state));
describe('submilli pool doctor', () => describeDoctor(state));
