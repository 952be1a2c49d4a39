/** One series of an exposition: the name of its family, its labels as they are written, its value. */
export type Series = { readonly name: string; readonly labels: string; readonly value: number };

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;

export const seriesIn = (text: string): readonly Series[] =>
  text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = LINE.exec(line) ?? [];
    return name === undefined ? [] : [{ name, labels, value: Number(value) }];
  });

/** What an exporter says of itself, and not of what it watches. */
export const isOfItself = (name: string): boolean => /^(db_exporter|process|nodejs)_/.test(name);

export const namesIn = (all: readonly Series[]): ReadonlySet<string> => new Set(all.map(({ name }) => name));

/** The series that are meant by a name with, perhaps, some labels: `a{b="c"}`. */
export const meantBy = (all: readonly Series[], text: string): readonly Series[] => {
  const [, wanted, labels = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(text) ?? [];
  const parts = labels === '' ? [] : labels.split(',');
  return all.filter((one) => one.name === wanted && parts.every((part) => one.labels.includes(part)));
};

/** Whether a name is one of these; `*` is any text. */
export const isAmong = (name: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name));
