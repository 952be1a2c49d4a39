import { freePort } from './ports';

describe('a free port', () => {
  it('is not given twice, though nobody listens on it yet', async () => {
    const numbers = [0.25, 0.25, 0.25, 0.5];
    const random = (): number => numbers.shift() ?? 0.75;
    const first = await freePort(random);
    expect(await freePort(random)).not.toBe(first);
  });
});
