import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { type Override, absentAs, byName, panelOf, property, type Spec } from './panels';
import { colors } from './thresholds';
import type { ThresholdsConfig } from '@grafana/grafana-foundation-sdk/dashboard';
import { type Unit, units } from './units';
import type { DataLink } from './links';

/** A column: a label, or what a query found, and what it is called and measured in. */
export type Column = {
  readonly label?: string;
  readonly query?: string;
  readonly name: string;
  readonly unit?: Unit;
  readonly thresholds?: ThresholdsConfig;
  readonly width?: number;
  readonly decimals?: number;
  readonly noValue?: string;
  readonly link?: DataLink;
};

export type TableSpec = Spec & {
  readonly columns: readonly Column[];
  readonly sortBy?: { readonly column: string; readonly desc: boolean };
};

/** As Grafana names it: by its query only where there are several. */
const fieldOf = ({ label, query = '' }: Column, queries: number): string =>
  label ?? (queries > 1 ? `Value #${query}` : 'Value');

const cellOf = (column: Column, queries: number): Override => {
  const { label, name, unit, thresholds, width, decimals, noValue, link } = column;
  return byName(
    fieldOf(column, queries),
    property('displayName', name),
    // Words also where they are digits only: a statement's id is no number to be shortened.
    ...(label === undefined ? [] : [property('unit', units.text)]),
    ...(unit === undefined ? [] : [property('unit', unit)]),
    ...(decimals === undefined ? [] : [property('decimals', decimals)]),
    ...(width === undefined ? [] : [property('custom.width', width)]),
    ...(noValue === undefined ? [] : [property('noValue', noValue), property('mappings', [absentAs(noValue)])]),
    ...(thresholds === undefined
      ? []
      : [
          property('thresholds', thresholds),
          property('color', { mode: 'thresholds' }),
          property('custom.cellOptions', { type: 'color-text' }),
        ]),
    ...(link === undefined ? [] : [property('links', [{ ...link, targetBlank: false }])]),
  );
};

/** Rows of several queries that agree in their labels become one row. Only the named columns are shown, in that order. */
export const table = ({ columns, sortBy, ...spec }: TableSpec): Panel => {
  const queries = Object.keys(spec.targets).length;
  const fields = columns.map((column) => fieldOf(column, queries));
  return {
    ...panelOf(
      'table',
      { ...spec, overrides: [...columns.map((column) => cellOf(column, queries)), ...(spec.overrides ?? [])] },
      {
        ...{ showHeader: true, cellHeight: 'sm', frameIndex: 0 },
        footer: { show: false, reducer: ['sum'], countRows: false, fields: '' },
        sortBy: sortBy === undefined ? [] : [{ displayName: sortBy.column, desc: sortBy.desc }],
      },
      {
        color: { mode: 'fixed', fixedColor: colors.quiet } as never,
        custom: { align: 'auto', filterable: true, minWidth: 80 },
      },
    ),
    transformations: [
      { id: 'merge', options: {} },
      {
        id: 'filterFieldsByName',
        options: { include: { names: fields } },
      },
      {
        id: 'organize',
        options: {
          indexByName: Object.fromEntries(fields.map((field, i) => [field, i])),
          ...{ excludeByName: {}, renameByName: {} },
        },
      },
    ],
  };
};
