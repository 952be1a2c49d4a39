import { hashSync } from 'bcryptjs';
import { basicAuth } from './basic-auth';

const header = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const users = { prom: hashSync('s3cret', 12) };

/** Comparisons that end when they are told to. */
const slowly = () => {
  const asked: { readonly password: string; readonly hash: string; readonly end: (isRight: boolean) => void }[] = [];
  const matches = (password: string, hash: string): Promise<boolean> =>
    new Promise((end) => asked.push({ password, hash, end }));
  return { asked, matches };
};
const aMoment = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('basic authentication', () => {
  it('knows the right password of a user, and takes the rest of the header for what it is', async () => {
    const authenticate = basicAuth({ prom: hashSync('s3:cret', 4) });
    expect(await authenticate(header('prom', 's3:cret'), 'a')).toBe('known');
    const wrong = [undefined, '', 'Basic', 'Basic !', 'Bearer x', header('prom', 's3'), header('constructor', 'x')];
    for (const other of wrong) expect([other, await authenticate(other, 'a')]).toEqual([other, 'unknown']);
  });

  it('compares a right password once, however many ask with it at a time and afterwards', async () => {
    const { asked, matches } = slowly();
    const authenticate = basicAuth(users, matches);
    const many = Promise.all(Array.from({ length: 50 }, () => authenticate(header('prom', 's3cret'), 'a')));
    await aMoment();
    expect(asked.map(({ password }) => password)).toEqual(['s3cret']);
    asked[0]?.end(true);
    expect(new Set(await many)).toEqual(new Set(['known']));
    expect(await authenticate(header('prom', 's3cret'), 'b')).toBe('known');
    expect(asked).toHaveLength(1);
  });

  it('compares one wrong password at a time, of few that wait, and has an ear for other addresses meanwhile', async () => {
    const { asked, matches } = slowly();
    const authenticate = basicAuth(users, matches);
    const flood = Array.from({ length: 100 }, (_, i) => authenticate(header('prom', `wrong${i}`), 'evil'));
    await aMoment();
    expect(asked).toHaveLength(1);
    const other = authenticate(header('prom', 's3cret'), 'good');
    for (let i = 0; i < 5; i += 1) {
      asked[i]?.end(asked[i]?.password === 's3cret');
      await aMoment();
    }
    expect(await other).toBe('known');
    const verdicts = await Promise.all(flood);
    expect(verdicts.filter((verdict) => verdict === 'busy')).toHaveLength(96);
    expect(verdicts).not.toContain('known');
    // Who is remembered waits for nobody.
    void authenticate(header('prom', 'again'), 'evil');
    expect(await authenticate(header('prom', 's3cret'), 'evil')).toBe('known');
  });

  it('takes as long for a user there is not as for the slowest there is', async () => {
    const { asked, matches } = slowly();
    void basicAuth(users, matches)(header('nobody', 's3cret'), 'a');
    await aMoment();
    expect(asked[0]?.hash).toMatch(/^\$2b\$12\$/);
  });
});
