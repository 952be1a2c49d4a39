/** Every state a system can get into, breadth first: so that the first violation found is one of the shortest. */

export type System<S> = {
  readonly initial: S;
  /** What can happen in a state, each with words for it. */
  readonly next: (state: S) => readonly Happening<S>[];
  /** What must never be: the words for it, or undefined. */
  readonly broken: (state: S) => string | undefined;
  /** All that matters of a state, as text. */
  readonly sketch: (state: S) => string;
};

export type Happening<S> = readonly [what: string, state: S];

export type Exploration = {
  readonly states: number;
  readonly violation: { readonly what: string; readonly trace: readonly string[] } | undefined;
};

/**
 * Revisions are written `r<number>` in a sketch and witnesses `w<number>`. Only which are the same matters: states that
 * differ by the numbers alone are one state.
 */
const keyOf = (sketch: string): string => {
  const names = new Map<string, string>();
  return sketch.replaceAll(/[rw]\d+/g, (token) => {
    const known = names.get(token);
    if (known !== undefined) return known;
    const name = `${token[0]}#${names.size}`;
    names.set(token, name);
    return name;
  });
};

/** Throws when there are more than `most` states: a bound that holds, not a search that is cut short. */
export const explore = <S>(
  { initial, next, broken, sketch }: System<S>,
  most: number,
  visit?: (state: S) => void,
): Exploration => {
  const seen = new Set([keyOf(sketch(initial))]);
  const found: { state: S; from: number; what: string }[] = [{ state: initial, from: -1, what: '' }];
  const traceTo = (at: number): string[] => {
    const trace: string[] = [];
    for (let i = at; i > 0; i = found[i]?.from ?? -1) trace.unshift(found[i]?.what ?? '');
    return trace;
  };
  for (let at = 0; at < found.length; at += 1) {
    const { state } = found[at] ?? { state: initial };
    const what = broken(state);
    if (what !== undefined) return { states: found.length, violation: { what, trace: traceTo(at) } };
    visit?.(state);
    for (const [happening, after] of next(state)) {
      const key = keyOf(sketch(after));
      if (seen.has(key)) continue;
      seen.add(key);
      found.push({ state: after, from: at, what: happening });
      if (found.length > most) throw new Error(`more than ${most} states`);
    }
  }
  return { states: found.length, violation: undefined };
};
