/** What an exposition says, whatever the order of its lines and labels: series to value, and the type of each family. */
export type Content = { readonly types: ReadonlyMap<string, string>; readonly series: ReadonlyMap<string, number> };

export const contentOf = (text: string): Content => {
  const types = new Map<string, string>();
  const series = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line.startsWith('# TYPE ')) {
      const [, , name = '', type = ''] = line.split(' ');
      types.set(name, type);
    } else if (line !== '' && !line.startsWith('#')) {
      const end = line.lastIndexOf(' ');
      const key = keyOf(line.slice(0, end));
      if (series.has(key)) throw new Error(`twice in one exposition: ${key}`);
      series.set(key, Number(line.slice(end + 1)));
    }
  }
  return { types, series };
};

/** A series with its labels in order of name, still escaped. */
const keyOf = (series: string): string => {
  const open = series.indexOf('{');
  if (open < 0) return series;
  const labels = series.slice(open).match(/\w+="(?:[^"\\]|\\.)*"/gs) ?? [];
  return `${series.slice(0, open)}{${labels.toSorted().join(',')}}`;
};

/** The first thing in which two differ, as a sentence; nothing if they say the same. */
export const differenceOf = (a: Content, b: Content): string | undefined => {
  if (a.series.size !== b.series.size) return `${a.series.size} series and ${b.series.size}`;
  for (const [name, type] of a.types) {
    if (b.types.get(name) !== type) return `${name} is a ${type}, and ${b.types.get(name) ?? 'absent'}`;
  }
  for (const [key, value] of a.series) {
    if (!Object.is(b.series.get(key), value)) return `${key} is ${value}, and ${b.series.get(key) ?? 'absent'}`;
  }
  return undefined;
};
