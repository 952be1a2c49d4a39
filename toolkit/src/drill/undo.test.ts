import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SubmilliError } from '@submilli/core';
import { familyOf } from './processes';
import { leftToUndo, openUndoJournal, type UndoStep } from './undo';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'submilli-undo-'))));
afterEach(() => rmSync(directory, { recursive: true }));

const step = fc.oneof(
  fc.record({ kind: fc.constant('start' as const), services: fc.array(fc.string()) }),
  fc.record({ kind: fc.constant('command' as const), command: fc.string() }),
  fc.record({
    kind: fc.constant('continue' as const),
    processes: fc.array(fc.record({ pid: fc.integer({ min: 1, max: 99_999 }), startTime: fc.string() })),
  }),
  fc.record({
    kind: fc.constant('configuration' as const),
    patch: fc.dictionary(fc.stringMatching(/^[a-z_]+$/), fc.oneof(fc.integer(), fc.boolean(), fc.constant(null))),
  }),
);

describe('the undo journal', () => {
  it('has on the disk, at any moment, exactly what is not undone, the last first', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.boolean()), { maxLength: 8 }), (acts) => {
        const journal = openUndoJournal(directory);
        const open: UndoStep[] = [];
        for (const [each, undone] of acts) {
          journal.push(each);
          open.push(each);
          for (const oldest of open.splice(0, undone ? 1 : 0)) journal.drop(oldest);
          expect(journal.steps()).toEqual(open.toReversed());
          expect(leftToUndo(directory)?.steps).toEqual(JSON.parse(JSON.stringify(open)));
        }
        journal.close();
        expect(leftToUndo(directory)).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });

  it('lets no second drill begin while one runs', () => {
    openUndoJournal(directory);
    expect(() => openUndoJournal(directory)).toThrow(/another drill is running/);
  });

  it('lets none begin while one that was cut off has left something, and says how to go on', () => {
    const left = { version: 1, drill: { pid: 4_000_000, startTime: '1' }, steps: [{ kind: 'resume-pool' }] };
    writeFileSync(join(directory, 'undo.json'), JSON.stringify(left));
    expect(() => openUndoJournal(directory)).toThrow(/cut off/);
    expect(hintOf(() => openUndoJournal(directory))).toContain('drill restore');
  });

  it('is not guessed at when it is damaged', () => {
    writeFileSync(join(directory, 'undo.json'), '{"version":1');
    expect(() => leftToUndo(directory)).toThrow(/not an undo file/);
  });
});

const hintOf = (act: () => unknown): string | undefined => {
  try {
    act();
  } catch (error) {
    return error instanceof SubmilliError ? error.hint : undefined;
  }
  return undefined;
};

describe('a process and its descendants', () => {
  it('are all found, parents before children, and nobody else', () => {
    const all = [
      { pid: 10, parent: 1 },
      { pid: 12, parent: 11 },
      { pid: 11, parent: 10 },
      { pid: 20, parent: 1 },
      { pid: 13, parent: 10 },
    ];
    expect(familyOf(10, all)).toEqual([10, 11, 13, 12]);
  });
});
