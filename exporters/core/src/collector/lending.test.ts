import { deadlineIn, systemClock } from '../clock';
import { createLending } from './lending';

type Session = { readonly database: string };

describe('what a target lends to its siblings', () => {
  const begin = () => {
    const log: string[] = [];
    const lending = createLending<Session, object>({
      name: 'pg2',
      source: {
        facts: () => Promise.resolve({}),
        databases: {
          list: () => Promise.reject(new Error('not asked')),
          open: (database) => {
            log.push(`open ${database}`);
            return Promise.resolve({
              session: { database },
              isClosed: () => false,
              close: () => {
                log.push(`close ${database}`);
                return Promise.resolve();
              },
            });
          },
        },
      },
    });
    const sibling = lending.sibling({});
    if (sibling === undefined) throw new Error('unreachable');
    return { lending, sibling, log };
  };
  const soon = () => deadlineIn(1000, systemClock);

  it('is one connection at a time, closed again also when the work fails', async () => {
    const { lending, sibling, log } = begin();
    const failing = sibling.visit('a', soon(), () => Promise.reject(new Error('work')));
    const working = sibling.visit('b', soon(), ({ database }) => Promise.resolve(database));
    await expect(failing).rejects.toThrow('work');
    expect(await working).toBe('b');
    expect(log).toEqual(['open a', 'close a', 'open b', 'close b']);
    expect(lending.connections()).toEqual({ open: 0, opened: 2 });
  });

  it('is nothing to whose time is up when it is his turn, or once the target is closed', async () => {
    const { lending, sibling, log } = begin();
    await expect(sibling.visit('a', deadlineIn(-1, systemClock), () => Promise.resolve(1))).rejects.toThrow(
      /pg2.*in time/,
    );
    await lending.stop();
    await expect(sibling.visit('b', soon(), () => Promise.resolve(1))).rejects.toThrow(/pg2/);
    expect(log).toEqual([]);
  });

  it('is nothing at all of a source without databases', () => {
    const lending = createLending({ name: 'pool', source: { facts: () => Promise.resolve({}) } });
    expect(lending.sibling({})).toBeUndefined();
  });
});
