import {
  type DynamicConfigValue,
  type FieldConfig,
  FieldColorModeId,
  type Panel,
  type ThresholdsConfig,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { DataLink } from './links';
import { datasource, type Targets, targetsOf } from './targets';
import { neutral } from './thresholds';
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

const defaultsOf = (spec: Spec): FieldConfig => ({
  unit: spec.unit,
  ...(spec.decimals === undefined ? {} : { decimals: spec.decimals }),
  ...(spec.min === undefined ? {} : { min: spec.min }),
  ...(spec.max === undefined ? {} : { max: spec.max }),
  noValue: spec.noValue ?? NOT_MEASURED,
  thresholds: spec.thresholds ?? neutral,
  ...(spec.mappings === undefined ? {} : { mappings: [...spec.mappings] }),
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
  readonly fill?: number;
  readonly stack?: boolean;
  readonly log?: boolean;
  /** Draw the thresholds as lines. */
  readonly limits?: boolean;
  readonly table?: boolean;
};

export const lines = (spec: Spec, look: LinesLook = {}): Panel => {
  const { fill = 8, stack = false, log = false, limits = spec.thresholds !== undefined, table = false } = look;
  return panelOf(
    'timeseries',
    spec,
    {
      legend: { showLegend: true, displayMode: table ? 'table' : 'list', ...legendOf(table) },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
    {
      ...byPalette,
      custom: {
        ...{ drawStyle: 'line', lineInterpolation: 'linear', lineWidth: 1, fillOpacity: stack ? 30 : fill },
        ...{ showPoints: 'never', spanNulls: false, axisPlacement: 'auto', axisSoftMin: log ? undefined : 0 },
        stacking: { mode: stack ? 'normal' : 'none', group: 'A' },
        scaleDistribution: log ? { type: 'log', log: 10 } : { type: 'linear' },
        thresholdsStyle: { mode: limits ? 'dashed' : 'off' },
      },
    },
  );
};

const legendOf = (table: boolean) =>
  table ? { placement: 'right', calcs: ['lastNotNull', 'max'] } : { placement: 'bottom', calcs: [] };

/** From buckets: where most values are, and what the tail does, which no average shows. */
export const heatmap = (spec: Spec): Panel =>
  panelOf(
    'heatmap',
    spec,
    {
      ...{ calculate: false, cellGap: 1, selectionMode: 'x', showValue: 'never', legend: { show: true } },
      color: { mode: 'scheme', scheme: 'Oranges', fill: 'dark-orange', scale: 'exponential', exponent: 0.5, steps: 64 },
      ...{ rowsFrame: { layout: 'le' }, exemplars: { color: 'rgba(255,0,255,0.7)' }, filterValues: { le: 1e-9 } },
      yAxis: { axisPlacement: 'left', reverse: false, unit: spec.unit },
      ...{ cellValues: { unit: 'short' }, tooltip: { mode: 'single', yHistogram: true, showColorScale: true } },
    },
    { custom: { scaleDistribution: { type: 'linear' }, hideFrom: { legend: false, tooltip: false, viz: false } } },
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
