import { activity, type ActivityRow } from './collectors/activity';
import { roomOf } from './share';

const snapshots = (rows: readonly ActivityRow[] | undefined) => ({
  of: <D>(part: { readonly name: string }) => (part.name === activity.name ? (rows as D | undefined) : undefined),
});

describe('what the database exporter shares', () => {
  it('is how many sessions ordinary roles can have', () => {
    const row = { server_limit: 97 } as ActivityRow;
    expect(roomOf(snapshots([row, row]), 'pg', 5433)).toEqual([
      { kind: 'server-room', host: 'pg', port: 5433, limit: 97 },
    ]);
  });

  it('is nothing where that could not be read', () => {
    expect(roomOf(snapshots(undefined), 'pg', 5433)).toEqual([]);
  });
});
