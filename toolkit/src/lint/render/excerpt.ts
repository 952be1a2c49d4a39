import { linesOf } from '../parse/place';
import type { Spot } from '../run';

/** A secret may stand in any of these lines; what it is, is nobody's to see in a log of a build. */
const SECRET =
  /((?:password|passwd|secret|cipher-pass|[a-z_-]*key-secret|rolpassword)["']?\s*[=:]\s*)(["']?)([^\s"']+)/gi;
const USERLIST = /^(\s*"[^"]*"\s+")([^"]+)(")/;

export const withoutSecrets = (line: string): string =>
  line
    .replace(
      USERLIST,
      (_, head: string, secret: string, tail: string) => head + '*'.repeat(Math.min(secret.length, 12)) + tail,
    )
    .replaceAll(SECRET, (whole, head: string, quote: string, secret: string) =>
      /^(\$\{|\{\{)/.test(secret) ? whole : head + quote + '*'.repeat(secret.length),
    );

const MOST_WIDE = 160;

/** The line that a finding is about, with marks below what is meant. */
export const excerptOf = ({ place: { source, end }, line, column, endLine, endColumn }: Spot): string[] => {
  // What is said of the file as a whole is about no line of it.
  if (end === 0) return [];
  const raw = linesOf(source.text)[line - 1]?.text ?? '';
  if (raw.trim() === '') return [];
  const text = withoutSecrets(raw.replaceAll('\t', ' ')).slice(0, MOST_WIDE);
  const last = endLine === line ? endColumn : raw.length + 1;
  const width = Math.max(1, Math.min(last, text.length + 1) - column);
  const gutter = String(line);
  const marks =
    column > text.length + 1 ? [] : [`${' '.repeat(gutter.length)} | ${' '.repeat(column - 1)}${'^'.repeat(width)}`];
  return [`${gutter} | ${text}`, ...marks];
};
