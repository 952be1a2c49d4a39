import { linkTo } from './links';

describe('a link to another page', () => {
  it('takes time, refresh, cluster and database along, and nothing of the page that it leaves', () => {
    expect(linkTo('?from=now-3h&to=now&var-cluster=a&var-database=b%2Fc&sort=-time&text=x', 'advice')).toBe(
      '/a/submilli-postgresql-app/advice?from=now-3h&to=now&var-cluster=a&var-database=b%2Fc',
    );
    expect(linkTo('', 'queries')).toBe('/a/submilli-postgresql-app/queries');
  });

  it('may say otherwise', () => {
    expect(linkTo('?var-database=a&from=1', 'health', { 'var-database': 'b' })).toBe(
      '/a/submilli-postgresql-app/health?from=1&var-database=b',
    );
  });
});
