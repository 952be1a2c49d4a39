import { linesOf, placeAt, wordAt, type Broken, type Source, type Word } from './place';

export type UserlistText = {
  readonly users: readonly { readonly name: Word; readonly secret: Word }[];
  readonly broken: readonly Broken[];
};

const ENTRY = /^(\s*)"((?:[^"]|"")*)"(\s+)"((?:[^"]|"")*)"/;

/** "name" "secret", a line for each; what follows is ignored, and so is a line that begins with a semicolon. */
export const parseUserlist = (source: Source): UserlistText => {
  const users: UserlistText['users'][number][] = [];
  const broken: Broken[] = [];
  for (const { text, start } of linesOf(source.text)) {
    if (/^\s*(;.*)?$/.test(text)) continue;
    const [, indent = '', name, gap = '', secret] = ENTRY.exec(text) ?? [];
    if (name === undefined || secret === undefined) {
      broken.push({ place: placeAt(source, start, start + text.length), what: 'not "name" "secret", both in quotes' });
      continue;
    }
    const nameAt = start + indent.length;
    const secretAt = nameAt + name.length + 2 + gap.length;
    users.push({
      name: wordAt(source, nameAt, nameAt + name.length + 2, name.replaceAll('""', '"')),
      secret: wordAt(source, secretAt, secretAt + secret.length + 2, secret.replaceAll('""', '"')),
    });
  }
  return { users, broken };
};
