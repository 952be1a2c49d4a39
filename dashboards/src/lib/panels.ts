import {
  type DynamicConfigValue,
  type FieldConfig,
  FieldColorModeId,
  MappingType,
  type Panel,
  SpecialValueMatch,
  type ThresholdsConfig,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { DataLink } from './links';
import { datasource, type Targets, targetsOf } from './targets';
import { asLines, colors, neutral } from './thresholds';
import type { Unit } from './units';

/** What every panel has to say. */
export type Spec = {
  readonly title: string;
  /** What it shows, what is bad, what to do then. */
  readonly description: string;
  readonly unit: Unit;
  readonly targets: Targets;
  readonly thresholds?: ThresholdsConfig;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  /** Instead of a value that is not there. */
  readonly noValue?: string;
  readonly mappings?: readonly ValueMapping[];
  readonly links?: readonly DataLink[];
  readonly overrides?: readonly Override[];
};

export type Override = {
  readonly matcher: { readonly id: string; readonly options?: unknown };
  readonly properties: readonly DynamicConfigValue[];
};

export const NOT_MEASURED = 'not measured';

export const byName = (name: string, ...properties: readonly DynamicConfigValue[]): Override => ({
  ...{ matcher: { id: 'byName', options: name }, properties },
});

export const byQuery = (refId: string, ...properties: readonly DynamicConfigValue[]): Override => ({
  ...{ matcher: { id: 'byFrameRefID', options: refId }, properties },
});

export const property = (id: string, value: unknown): DynamicConfigValue => ({ id, value });

/** What is not there is neither good nor bad: without this it would have the colour of the lowest values. */
export const absentAs = (text: string): ValueMapping => ({
  type: MappingType.SpecialValue,
  options: { match: SpecialValueMatch.NullAndNan, result: { text, color: colors.quiet, index: 0 } },
});

const defaultsOf = (spec: Spec): FieldConfig => ({
  unit: spec.unit,
  ...(spec.decimals === undefined ? {} : { decimals: spec.decimals }),
  ...(spec.min === undefined ? {} : { min: spec.min }),
  ...(spec.max === undefined ? {} : { max: spec.max }),
  noValue: spec.noValue ?? NOT_MEASURED,
  thresholds: spec.thresholds ?? neutral,
  mappings: [...(spec.mappings ?? []), absentAs(spec.noValue ?? NOT_MEASURED)],
  ...(spec.links === undefined ? {} : { links: spec.links.map((link) => ({ ...link, targetBlank: false })) as never }),
});

/** A panel of any type. `defaults` adds to what the spec says of all fields. */
export const panelOf = (type: string, spec: Spec, options: object, defaults: Partial<FieldConfig> = {}): Panel => ({
  ...{ type, title: spec.title, description: spec.description, datasource },
  targets: targetsOf(spec.targets),
  fieldConfig: {
    defaults: { ...defaultsOf(spec), ...defaults },
    overrides: (spec.overrides ?? []).map(({ matcher, properties }) => ({ matcher, properties: [...properties] })),
  },
  options,
});

const reduceOptions = { calcs: ['lastNotNull'], fields: '', values: false };
const byThresholds = { color: { mode: FieldColorModeId.Thresholds } };
const byPalette = { color: { mode: FieldColorModeId.PaletteClassic } };

/** `fields` as a regular expression: what to show where it is no number, as a label. */
export const stat = (spec: Spec, { spark = true, fields = '' } = {}): Panel =>
  panelOf(
    'stat',
    spec,
    {
      ...{ colorMode: 'value', graphMode: spark ? 'area' : 'none', justifyMode: 'auto', orientation: 'auto' },
      ...{ textMode: fields === '' ? 'auto' : 'value', wideLayout: true, showPercentChange: false },
      reduceOptions: { ...reduceOptions, fields },
    },
    byThresholds,
  );

/** Bars with one value each, worst colour by threshold. */
export const bars = (spec: Spec): Panel =>
  panelOf(
    'bargauge',
    spec,
    {
      ...{ displayMode: 'basic', valueMode: 'color', namePlacement: 'auto', showUnfilled: true, sizing: 'auto' },
      ...{ orientation: 'horizontal', minVizWidth: 8, minVizHeight: 16, maxVizHeight: 300, reduceOptions },
      legend: { showLegend: false, displayMode: 'list', placement: 'bottom', calcs: [] },
    },
    byThresholds,
  );

export type LinesLook = {
  readonly stack?: boolean;
  /** How many in each interval, rather than a line from one to the next. */
  readonly bars?: boolean;
  readonly log?: boolean;
  /** Draw the thresholds as lines. */
  readonly limits?: boolean;
  /** The legend as a table beside, with the highest first: where there are too many lines for a list. */
  readonly table?: boolean;
};

export const lines = (spec: Spec, look: LinesLook = {}): Panel => {
  const { stack = false, bars = false, log = false, limits = spec.thresholds !== undefined, table = false } = look;
  return panelOf(
    'timeseries',
    { ...spec, ...(spec.thresholds === undefined ? {} : { thresholds: asLines(spec.thresholds) }) },
    {
      legend: { showLegend: true, displayMode: table ? 'table' : 'list', ...legendOf(table) },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
    {
      ...byPalette,
      custom: {
        ...{ drawStyle: bars ? 'bars' : 'line', lineInterpolation: 'linear', lineWidth: 1 },
        // A value that stands alone would not be seen without a point.
        ...{
          fillOpacity: fillOf(stack, bars),
          showPoints: 'auto',
          pointSize: 4,
          spanNulls: false,
          axisPlacement: 'auto',
          axisSoftMin: log ? undefined : 0,
        },
        stacking: { mode: stack || bars ? 'normal' : 'none', group: 'A' },
        scaleDistribution: log ? { type: 'log', log: 10 } : { type: 'linear' },
        thresholdsStyle: { mode: limits ? 'dashed' : 'off' },
      },
    },
  );
};

const legendOf = (table: boolean) =>
  table
    ? { placement: 'right', calcs: ['lastNotNull', 'max'], sortBy: 'Max', sortDesc: true }
    : { placement: 'bottom', calcs: [] };

const fillOf = (stack: boolean, bars: boolean): number => (bars ? 70 : stack ? 30 : 0);

/** A limit among values: a line that is not one of them. */
export const asLimit = (refId: string): Override =>
  byQuery(
    refId,
    property('color', { mode: 'fixed', fixedColor: colors.quiet }),
    property('custom.lineStyle', { fill: 'dash', dash: [6, 6] }),
    property('custom.fillOpacity', 0),
    property('custom.stacking', { mode: 'none', group: 'limit' }),
  );

/** Which of some states something was in, over time. */
export const states = (spec: Spec): Panel =>
  panelOf(
    'state-timeline',
    spec,
    {
      ...{ alignValue: 'left', mergeValues: true, rowHeight: 0.9, showValue: 'auto' },
      legend: { showLegend: true, displayMode: 'list', placement: 'bottom' },
      tooltip: { mode: 'single', sort: 'none' },
    },
    { ...byThresholds, custom: { fillOpacity: 70, lineWidth: 0, spanNulls: false } },
  );
