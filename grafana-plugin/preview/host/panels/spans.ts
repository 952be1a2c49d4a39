/** A value for as long as it stayed the same. */
export type Span = { readonly from: number; readonly to: number; readonly value: number };

/** Equal values one after the other are one span, which ends where the next begins; no value is a gap. */
export const spansOf = (times: readonly number[], values: readonly (number | null)[], end: number): readonly Span[] => {
  const step = Math.min(...times.slice(1).map((time, i) => time - (times[i] ?? time)), Infinity);
  return times.reduce<readonly Span[]>((spans, from, i) => {
    const value = values[i] ?? null;
    if (value === null) return spans;
    const to = Math.min(end, times[i + 1] ?? end, from + step);
    const last = spans.at(-1);
    if (last?.value === value && last.to === from) return [...spans.slice(0, -1), { ...last, to }];
    return [...spans, { from, to, value }];
  }, []);
};
