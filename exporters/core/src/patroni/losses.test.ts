import { knownLosses } from './losses';

it.each([
  ['3.0.0', ['3.0.3', '3.2.0']],
  ['3.0.2', ['3.0.3', '3.2.0']],
  ['3.0.3', ['3.2.0']],
  ['3.0.10', ['3.2.0']],
  ['3.1.2', ['3.2.0']],
  ['3.2.0', []],
  ['4.0', []],
  ['4.1.4', []],
])('what Patroni %s loses writes by is fixed in %j', (version, fixedIn) => {
  expect(knownLosses(version).map((loss) => loss.fixedIn)).toEqual(fixedIn);
});

it('a version that is none is not guessed at', () => {
  expect(() => knownLosses('unknown')).toThrow(/not a version of Patroni/);
});
