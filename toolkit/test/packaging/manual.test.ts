import { run } from '../compose/tools';

const manual = 'docs/submilli.1';

it('man shows the manual page, and has nothing to say against it', () => {
  const shown = run('man', ['--warnings', '--local-file', manual], { env: { MANWIDTH: '100', MANPAGER: 'cat' } });
  expect(shown.status).toBe(0);
  const text = shown.output;
  expect(text).not.toMatch(/^(man|groff|troff|<standard input>|docs\/)[^ ]*:/m);
  expect(text).toMatch(/^NAME\n +submilli - /m);
  expect(text).toMatch(/^ {3}submilli backup status$/m);
  expect(text).toMatch(/^ +-c, --config <file>$/m);
  expect(text).toContain(`submilli backup status --json | jq -r '.problems[]'`);
});

it('groff finds no fault in its macros', () => {
  expect(run('groff', ['-k', '-man', '-Tutf8', '-ww', '-z', manual])).toEqual({ status: 0, output: '' });
});
