import { settingsText } from './cluster';

it('writes settings as postgresql.conf reads them: switches as words, quotes doubled', () => {
  expect(settingsText({ port: 5432, fsync: false, hot_standby: true, archive_command: "cp '%p' /x" })).toBe(
    "port = '5432'\nfsync = 'off'\nhot_standby = 'on'\narchive_command = 'cp ''%p'' /x'\n",
  );
});
