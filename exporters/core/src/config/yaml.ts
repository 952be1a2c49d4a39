import { parseDocument } from 'yaml';
import { SubmilliError } from '../errors';

/**
 * What a YAML file says. What is wrong with it is told by kind and place alone: the parser's own message repeats the
 * line, or the word it stumbled over, and that may be a password.
 */
export const parseYaml = (text: string, where: string): unknown => {
  const document = parseDocument(text, { merge: true, prettyErrors: true, uniqueKeys: true });
  const broken = document.errors[0];
  if (broken !== undefined) {
    const [at] = broken.linePos ?? [];
    const kind = broken.code.toLowerCase().replaceAll('_', ' ');
    const place = at === undefined ? '' : ` at line ${at.line}, column ${at.col}`;
    throw new SubmilliError({ what: `not valid YAML: ${kind}${place}`, where, hint: 'Nothing was changed.' });
  }
  try {
    return document.toJS() ?? {};
  } catch {
    const what = 'not valid YAML: an alias (*name) of an anchor that is not there, or of too much';
    throw new SubmilliError({ what, where, hint: 'Quote a value that begins with *.' });
  }
};
