import { contentOf, differenceOf } from './content';
import { kinds, loadOf } from './load';
import { writerOf } from './writers';

it.each(kinds)('both writers say the same of %ss, at first and after they were filled anew', async (kind) => {
  const load = loadOf(kind, 1500); // enough for a name that has to be escaped
  const ours = writerOf('submilli', load);
  const theirs = writerOf('prom-client', load);
  const expected = contentOf(await theirs.write());
  expect(expected.series.size).toBeGreaterThan(1000);
  for (const text of [await ours.write(), await ours.finish()]) {
    expect(differenceOf(contentOf(text), expected)).toBeUndefined();
  }
  ours.fill?.();
  theirs.fill?.();
  expect(differenceOf(contentOf(await ours.finish()), contentOf(await theirs.finish()))).toBeUndefined();
});
