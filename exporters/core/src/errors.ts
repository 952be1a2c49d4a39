/** What went wrong (`what`), on which thing (`where`) and what the reader can do about it (`hint`). */
export type ErrorParts = {
  readonly what: string;
  readonly where?: string;
  readonly hint?: string;
  readonly cause?: unknown;
};

/** The error people get to see: one sentence and a remedy. Never carries a secret. */
export class SubmilliError extends Error {
  readonly what: string;
  readonly where: string | undefined;
  readonly hint: string | undefined;

  constructor({ what, where, hint, cause }: ErrorParts) {
    super(sentence(what, where), cause === undefined ? undefined : { cause });
    this.name = 'SubmilliError';
    this.what = what;
    this.where = where;
    this.hint = hint;
  }
}

const sentence = (what: string, where: string | undefined): string =>
  where === undefined ? what : `${where}: ${what}`;

/** The text of anything thrown, for one log line: a message, never a stack. */
export const messageOf = (thrown: unknown): string => {
  if (thrown instanceof AggregateError && thrown.message === '') {
    return thrown.errors.map(messageOf).join('; ');
  }
  return thrown instanceof Error ? thrown.message : String(thrown);
};

/** An error as a person reads it in a terminal: the sentence, then the remedy. */
export const forPeople = (thrown: unknown): string => {
  if (thrown instanceof SubmilliError && thrown.hint !== undefined) return `${thrown.message}\n  ${thrown.hint}`;
  return messageOf(thrown);
};
