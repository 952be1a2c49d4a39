import { type ActivityRow, utilizationOf } from './activity';

const row = (overrides: Partial<ActivityRow>): ActivityRow => ({
  database: 'app',
  sessions: { active: 10 },
  connection_limit: -1,
  server_limit: 100,
  oldest_transaction: null,
  oldest_idle_in_transaction: 0,
  oldest_query: null,
  lock_waiters: 0,
  ...overrides,
});

describe('connection utilisation', () => {
  it('is that of the server’s shared limit when the database has none of its own', () => {
    const app = row({});
    expect(utilizationOf(app, [app, row({ database: 'other', sessions: { idle: 60 } })])).toBe(0.7);
  });

  it('is that of the database’s own limit when that is the tighter one', () => {
    const app = row({ connection_limit: 12 });
    expect(utilizationOf(app, [app])).toBeCloseTo(10 / 12);
  });
});
