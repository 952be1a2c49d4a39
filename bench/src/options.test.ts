import { askedOf, help } from './options';

describe('what npm run bench is asked', () => {
  it('is all parts, one after the other, unless some are named', () => {
    expect(askedOf([])).toMatchObject({
      parts: ['watching', 'latency', 'advice', 'scale', 'exposition'],
      quick: false,
    });
    expect(askedOf(['--only', 'scale', '--only', 'latency', '--quick'])).toMatchObject({
      ...{ parts: ['latency', 'scale'], quick: true },
    });
  });

  it('gives an option of one part to that part alone', () => {
    expect(askedOf(['--index-advisor', 'x.sql', '--rounds=3'])).toMatchObject({
      given: { advice: ['--index-advisor', 'x.sql', '--rounds', '3'] },
    });
  });

  it('is refused where it is not understood', () => {
    expect(askedOf(['--only', 'everything'])).toEqual({ problem: '--only everything: there is no such part' });
    expect(askedOf(['--index-adviser', 'x'])).toMatchObject({
      problem: expect.stringContaining('--index-adviser') as string,
    });
    expect(askedOf(['advice'])).toHaveProperty('problem');
  });

  it('is explained, with the options of the parts', () => {
    expect(help).toMatch(/of advice:\n {2}--index-advisor FILE/);
  });
});
