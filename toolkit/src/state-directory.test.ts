import { stateDirectoryOf } from './state-directory';

describe('the state directory', () => {
  it('is what the configuration names, whatever the environment says', () => {
    expect(stateDirectoryOf('/var/lib/x', { STATE_DIRECTORY: '/run/y' }, '/home/me')).toBe('/var/lib/x');
  });

  it('is the first one that systemd gives, then XDG’s, then the home directory’s', () => {
    expect(stateDirectoryOf(null, { STATE_DIRECTORY: '/a:/b', XDG_STATE_HOME: '/c' }, '/home/me')).toBe('/a');
    expect(stateDirectoryOf(null, { STATE_DIRECTORY: '', XDG_STATE_HOME: '/c' }, '/home/me')).toBe('/c/submilli');
    expect(stateDirectoryOf(null, {}, '/home/me')).toBe('/home/me/.local/state/submilli');
  });
});
