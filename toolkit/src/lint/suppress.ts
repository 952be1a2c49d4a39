import { linesOf, type Place, placeAt, type Source } from './parse/place';

/** A comment that says: this is known, and why it is so. */
export type Suppression = {
  readonly place: Place;
  readonly rules: readonly string[];
  readonly reason: string;
  /** The line it is for, from 1; all of the file where there is none. */
  readonly line: number | undefined;
};

const COMMENT = /[#;]\s*submilli-lint:\s*ignore(-file)?(?:\s+([\w,-]+))?(?:\s+(.*\S))?\s*$/;

/**
 * `# submilli-lint: ignore RULE[,RULE] REASON` is for its own line, or as a line of its own for the next that is no
 * comment; `ignore-file` is for the whole file.
 */
export const suppressionsOf = (source: Source): Suppression[] => {
  const lines = linesOf(source.text);
  return lines.flatMap(({ text, start }, i): Suppression[] => {
    const found = COMMENT.exec(text);
    if (found === null) return [];
    const [, whole, rules = '', reason = ''] = found;
    const isAlone = /^\s*[#;]/.test(text);
    const next = lines.findIndex((line, j) => j > i && !/^\s*([#;].*)?$/.test(line.text));
    return [
      {
        place: placeAt(source, start + found.index, start + text.trimEnd().length),
        ...{ rules: rules.split(',').filter((rule) => rule !== ''), reason },
        line: whole !== undefined ? undefined : isAlone ? next + 1 : i + 1,
      },
    ];
  });
};
