import type { z } from 'zod';

/** What is wrong with a value, at which key, in a line that people are shown: without what may be a secret. */
export const explainIssue = (issue: z.core.$ZodIssue): string => {
  const path = issue.path.map(told).join('.') || '(top level)';
  if (issue.code === 'unrecognized_keys') {
    return `${path}: unknown key ${issue.keys.map((key) => `"${told(key)}"`).join(', ')}`;
  }
  const secret = issue.path.some((part) => SECRETS.has(part));
  const got = !secret && isShown(issue) ? ` (got ${JSON.stringify(issue.input)})` : '';
  return `${path}: expected ${reasonOf(issue).replace(/^(Invalid input: |Invalid option: )?(expected )?/i, '')}${got}`;
};

/** Keys whose values are secrets, and those below them. */
const SECRETS = new Set<PropertyKey>(['password', 'patroni_password', 'basic_auth_users']);

/** A key as far as it is one: a space that is missing behind its colon makes a value part of it. */
const told = (key: PropertyKey): string => {
  const text = String(key);
  const [known = ''] = /^[\w.-]{0,63}/.exec(text) ?? [];
  return known === text ? text : `${known}…`;
};

/** An entry as a whole may hold a password, a text in place of one too, and so may a URL. */
const isShown = ({ code, input, ...issue }: z.core.$ZodIssue): boolean => {
  if (input === undefined || typeof input === 'object') return false;
  const isEntry = code === 'invalid_type' && 'expected' in issue && /^(object|array|record)$/.test(issue.expected);
  return !isEntry && !(typeof input === 'string' && (input.includes('@') || input.length > LONGEST_SHOWN));
};

const LONGEST_SHOWN = 200;

/** What the parts of a union wanted, and the pattern of a key, are told by the issues below. */
const reasonOf = (issue: z.core.$ZodIssue): string => {
  const below = issue.code === 'invalid_union' ? issue.errors : issue.code === 'invalid_key' ? [issue.issues] : [];
  const wanted = below.flatMap(([first]) => {
    if (first === undefined) return [];
    const message = first.message.replace(/^Invalid input: expected |, received \w+$/g, '');
    return first.path.length === 0 ? message : `${first.path.map(told).join('.')}: ${message}`;
  });
  return wanted.length === 0 ? issue.message : wanted.join(', or ');
};
