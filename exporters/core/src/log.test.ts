import { redact } from './log';

describe('redact', () => {
  it.each([
    ['postgres://app:hunter2@db:5432/x', 'postgres://app:***@db:5432/x'],
    ['host=db password=hunter2 user=app', 'host=db password=*** user=app'],
    [`password='hunter 2' host=db`, 'password=*** host=db'],
    [`password='hunter''2' host=db`, 'password=*** host=db'],
    ['https://u:hunter@2/3@db/x', 'https://u:***@db/x'],
    [`ALTER ROLE app PASSWORD 'hunter''2' VALID UNTIL 'x'`, `ALTER ROLE app PASSWORD *** VALID UNTIL 'x'`],
    ['no secret here', 'no secret here'],
  ])('cuts the secret out of %s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });
});
