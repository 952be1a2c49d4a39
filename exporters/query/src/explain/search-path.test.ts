import { catalogFirst, searchPathsOf } from './search-path';

describe('the search_path of a role', () => {
  const paths = searchPathsOf([
    { role: 'app', here: true, setting: 'trading, public' },
    { role: 'app', here: false, setting: 'elsewhere' },
    { role: 'batch', here: false, setting: '"Odd, name", "$user", pg_catalog' },
    { role: null, here: true, setting: 'common' },
  ]);

  it('is the one for this database, else the role’s, else the database’s, else the default', () => {
    expect(paths('app')).toBe('trading, public');
    expect(paths('other')).toBe('common');
    expect(paths(undefined)).toBe('common');
    expect(searchPathsOf([])('web')).toBe('web, public');
    expect(searchPathsOf([])(undefined)).toBe('public');
  });

  it('means the role by "$user", and never puts another schema before PostgreSQL’s own', () => {
    expect(catalogFirst(paths('batch'))).toBe('"Odd, name", batch');
    expect(searchPathsOf([{ role: null, here: true, setting: '$user' }])('Big "B')).toBe('"Big ""B"');
  });
});
