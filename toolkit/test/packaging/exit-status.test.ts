import { run } from '../compose/tools';

const submilli = (...args: string[]) => run(process.execPath, ['toolkit/bin/submilli.js', ...args]);

describe('a command that cannot do what it is asked', () => {
  it.each([
    [['check', '--config', 'nowhere.yml'], 2, 'nowhere.yml: cannot read the configuration'],
    [['backup', 'status', '--config', 'nowhere.yml'], 2, 'nowhere.yml: cannot read the configuration'],
    [['backup', 'verify', '--config', 'submilli.yml'], 2, 'no cluster has backups configured'],
    [['backup', 'restore', '--config', 'submilli.yml', '--to', '/nowhere'], 2, 'no cluster has backups configured'],
    [['deploy', 'plan', '--nonsense'], 2, "error: unknown option '--nonsense'"],
    [['lint', 'rules', 'nonsense'], 2, 'submilli lint rules lists those that there are'],
    [['completion', 'tcsh'], 2, 'Allowed choices are bash, zsh, fish'],
    [['nonsense'], 2, "error: unknown command 'nonsense'"],
    [['drill', 'nonsense'], 1, "command-argument value 'nonsense' is invalid"],
  ])('%j ends with %i and says why', (args, status, why) => {
    const ran = submilli(...args);
    expect(ran).toMatchObject({ status });
    expect(ran.output).toContain(why);
  });

  it('ends with 0 when it was asked for help', () => {
    expect(submilli('backup', 'verify', '--help').status).toBe(0);
    expect(submilli('help', 'drill').status).toBe(0);
  });

  it('takes the configuration from the environment where none is named, and says so', () => {
    const { status, output } = run(process.execPath, ['toolkit/bin/submilli.js', 'check'], {
      env: { SUBMILLI_CONFIG: 'elsewhere.yml' },
    });
    expect({ status, output }).toEqual({
      status: 2,
      output: expect.stringContaining('elsewhere.yml: cannot read') as string,
    });
  });
});
