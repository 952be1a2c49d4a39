import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { renderInApp } from '../../test/render';
import { ExporterProblem } from '../api/problem';
import type { Answer } from '../api/use-exporters';
import { type Column, DataTable, sortRows } from './DataTable';
import { bytes, NOTHING, percent, seconds, times } from './format';
import { ScoreBadge } from './score/ScoreBadge';
import { Sparkline } from './Sparkline';
import { Troubles } from './states';

type Row = { readonly name: string; readonly size: number | null };
const columns: readonly Column<Row>[] = [
  { id: 'name', name: 'Name', value: ({ name }) => name, cell: ({ name }) => name },
  { id: 'size', name: 'Size', value: ({ size }) => size, cell: ({ size }) => size ?? '–', numeric: true },
  { id: 'note', name: 'Note', cell: () => 'x' },
];
const rows: readonly Row[] = [
  { name: 'b', size: 2 },
  { name: 'c', size: null },
  { name: 'a', size: 10 },
];

describe('a table', () => {
  it('is sorted by its headings with the keyboard, numbers from the top first', async () => {
    const Sorted = () => {
      const [sort, setSort] = useState('name');
      return <DataTable label="things" {...{ columns, rows, sort }} keyOf={({ name }) => name} onSort={setSort} />;
    };
    render(<Sorted />);
    const names = (): (string | null)[] =>
      screen
        .getAllByRole('row')
        .slice(1)
        .map((row) => row.querySelector('td')?.textContent ?? null);
    expect(names()).toEqual(['a', 'b', 'c']);
    expect(screen.getByRole('columnheader', { name: 'Name' })).toHaveAttribute('aria-sort', 'ascending');
    screen.getByRole('button', { name: 'Size' }).focus();
    await userEvent.keyboard('{Enter}');
    expect(names()).toEqual(['a', 'b', 'c']);
    expect(screen.getByRole('columnheader', { name: 'Size' })).toHaveAttribute('aria-sort', 'descending');
    await userEvent.keyboard(' ');
    expect(names()).toEqual(['b', 'a', 'c']);
    expect(screen.queryByRole('button', { name: 'Note' })).toBeNull();
  });

  it('has what is not known last, whichever way it is sorted, and stays as it is by what cannot be sorted by', () => {
    expect(sortRows(rows, columns, 'size').map(({ name }) => name)).toEqual(['b', 'a', 'c']);
    expect(sortRows(rows, columns, '-size').map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(sortRows(rows, columns, 'nothing')).toEqual(rows);
  });
});

describe('a value that is not known', () => {
  it('is a dash, and never a zero', () => {
    expect([seconds(null), bytes(undefined), percent(null), times(null)]).toEqual([NOTHING, NOTHING, NOTHING, NOTHING]);
    expect(seconds(0)).not.toBe(NOTHING);
  });

  it('is a score without a number, and says so', () => {
    renderInApp(<ScoreBadge score={null} />);
    expect(screen.getByTestId('score')).toHaveTextContent('– not known');
  });

  it('is no line', () => {
    renderInApp(<Sparkline values={[1]} label="one" />);
    expect(screen.queryByRole('img')).toBeNull();
  });
});

const answer = (problem: ExporterProblem | undefined): Answer<unknown> => ({
  ...{ exporter: 'query', data: undefined, problem, loading: false, at: 0, again: () => undefined },
});

describe('an exporter that gives no answer', () => {
  it.each([
    ['down', /Is it running/],
    ['refused', /user and a password/],
    ['no-permission', /Your role/],
    ['unexpected', /same version/],
  ] as const)('is named, with what to do when it is %s', (kind, remedy) => {
    renderInApp(<Troubles answers={[answer(new ExporterProblem(kind, 'query', 'what it said'))]} />);
    expect(screen.getByTestId('trouble-query')).toHaveTextContent('The query exporter gives no answer');
    expect(screen.getByTestId('trouble-query')).toHaveTextContent('what it said');
    expect(screen.getByTestId('trouble-query')).toHaveTextContent(remedy);
  });

  it('is nothing to speak of when nobody configured it, or somebody went on', () => {
    const kinds = ['not-configured', 'cancelled'] as const;
    renderInApp(<Troubles answers={kinds.map((kind) => answer(new ExporterProblem(kind, 'pool', 'x')))} />);
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('has said something before, whose age is told', () => {
    renderInApp(<Troubles answers={[{ ...answer(new ExporterProblem('down', 'query', 'x')), at: 1e12 }]} />);
    expect(screen.getByTestId('trouble-query')).toHaveTextContent(
      /What is shown of it is what it said at \d\d:\d\d:\d\d/,
    );
  });

  it('is named once, however many of its targets were asked about, and also unconfigured where nothing is to be seen without it', () => {
    const down = answer(new ExporterProblem('down', 'query', 'x'));
    renderInApp(<Troubles answers={[down, down, answer(new ExporterProblem('unexpected', 'query', 'y'))]} />);
    expect(screen.getAllByTestId('trouble-query')).toHaveLength(1);
    renderInApp(
      <Troubles answers={[{ ...answer(new ExporterProblem('not-configured', 'ha', 'z')), exporter: 'ha' }]} needed />,
    );
    expect(screen.getByTestId('trouble-ha')).toHaveTextContent('An administrator sets its address');
  });
});
