import { contentOf, differenceOf } from './content';

describe('what two expositions say', () => {
  const first = '# HELP a A.\n# TYPE a gauge\na{x="1",y="a,b=\\"}"} 3\na 4\n';

  it('is the same in another order of lines and labels', () => {
    expect(
      differenceOf(contentOf(first), contentOf('# TYPE a gauge\na 4\n\na{y="a,b=\\"}",x="1"} 3\n')),
    ).toBeUndefined();
  });

  it('differs by a value, a series or a type', () => {
    const difference = (other: string): string | undefined => differenceOf(contentOf(first), contentOf(other));
    expect(difference(first.replace('a 4', 'a 5'))).toBe('a is 4, and 5');
    expect(difference(first.replace('a 4', 'b 4'))).toBe('a is 4, and absent');
    expect(difference(first.replace('a 4\n', ''))).toBe('2 series and 1');
    expect(difference(first.replace('gauge', 'counter'))).toBe('a is a gauge, and counter');
  });

  it('is refused when a series is there twice', () => {
    expect(() => contentOf('a 1\na 1\n')).toThrow('twice in one exposition: a');
  });
});
