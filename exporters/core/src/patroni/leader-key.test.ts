import { retakesLeaderKey } from './leader-key';

it.each(['2.1.4', '3.0.0', '3.0.2'])('Patroni %s lets a hung leader take the lock from its successor', (version) => {
  expect(retakesLeaderKey(version)).toBe(true);
});

it.each(['3.0.3', '3.0.10', '3.1.0', '4.0', '4.1.4'])('Patroni %s compares before it puts', (version) => {
  expect(retakesLeaderKey(version)).toBe(false);
});

it('a version that is none is not guessed at', () => {
  expect(() => retakesLeaderKey('unknown')).toThrow(/not a version of Patroni/);
});
