import { replaced, replacedInIni } from './own-settings';

describe('a cluster’s own settings', () => {
  const lines = [
    { comment: 'Memory.' },
    { name: 'work_mem', value: '10MB', why: 'a quarter' },
    { name: 'jit', value: 'off' },
  ];

  it('stand in place of the computed ones and say so; what is beside those comes last', () => {
    expect(replaced(lines, { work_mem: '64MB', autovacuum: true })).toEqual([
      { comment: 'Memory.' },
      { name: 'work_mem', value: '64MB', why: 'set here, in place of 10MB' },
      { name: 'jit', value: 'off' },
      { comment: 'Set here.' },
      { name: 'autovacuum', value: 'on' },
    ]);
  });

  it('change nothing where they are what is computed', () => {
    expect(replaced(lines, { work_mem: '10MB' })).toEqual(lines);
    expect(replacedInIni('[pgbouncer]\ndefault_pool_size = 20\n', { default_pool_size: 20 })).toBe(
      '[pgbouncer]\ndefault_pool_size = 20\n',
    );
  });

  it('leave out what is null, and change nothing when there are none', () => {
    expect(replaced(lines, { jit: null, nothing: null })).toEqual(lines.slice(0, 2));
    expect(replaced(lines, {})).toEqual(lines);
  });

  it('do the same in a pgbouncer.ini, on lines of their own since a comment can’t stand beside a value there', () => {
    const ini = '[pgbouncer]\n; Size.\ndefault_pool_size = 20\nserver_fast_close = 1\n';
    expect(replacedInIni(ini, { default_pool_size: 40, min_pool_size: 5, server_fast_close: null })).toBe(
      '[pgbouncer]\n; Size.\n; Set here, in place of 20.\ndefault_pool_size = 40\n\n; Set here.\nmin_pool_size = 5\n',
    );
    expect(replacedInIni(ini, {})).toBe(ini);
  });
});
