/** A file as it was read. */
export type Source = { readonly path: string; readonly text: string };

/** A stretch of a file, by offsets into its text. */
export type Place = { readonly source: Source; readonly start: number; readonly end: number };

/** A piece of a file with what it means: without its quotes and escapes. */
export type Word = Place & { readonly text: string };

/** What a parser could not make sense of. */
export type Broken = { readonly place: Place; readonly what: string };

/** A name with a value, in a section where the format has sections. */
export type Setting = { readonly section: string; readonly name: Word; readonly value: Word };

/** Another file's text, by its name as written in this one; undefined where it can't be read. */
export type Reader = (path: string, from: Source) => Source | undefined;

export type Position = { readonly line: number; readonly column: number };

/** Lines and columns as people and editors count them: from 1, in characters. */
export const positionOf = ({ text }: Source, offset: number): Position => {
  const before = text.slice(0, Math.min(Math.max(offset, 0), text.length));
  const start = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: before.length - start + 1 };
};

export const placeAt = (source: Source, start: number, end: number): Place => ({ source, start, end });

export const wordAt = (source: Source, start: number, end: number, text = source.text.slice(start, end)): Word => ({
  ...{ source, start, end, text },
});

/** The beginning, for what is said of a file as a whole. */
export const topOf = (source: Source): Place => placeAt(source, 0, 0);

export type Line = { readonly text: string; readonly start: number };

/** The lines with where each begins, without their ends. */
export const linesOf = (text: string): Line[] => {
  let start = 0;
  return text.split('\n').map((raw) => {
    const line = { text: raw.endsWith('\r') ? raw.slice(0, -1) : raw, start };
    start += raw.length + 1;
    return line;
  });
};
