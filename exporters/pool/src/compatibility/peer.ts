import { compat, counter, gauge } from '@submilli/core';
import type { ShowRow } from '../show';

/**
 * What the parts of pgbouncer_exporter's view share. Names, labels, types and values are that exporter's (0.12), the
 * console's own database included. What differs, and why, is in docs/compatibility.md. They ask PgBouncer nothing: they
 * show again what our collectors have read.
 */
const VIEW = 'pgbouncer_exporter';

export const needs = { view: VIEW } as const;

export const peerGauge = <const L extends string = never>(name: string, help: string, labels: readonly L[] = []) =>
  compat(VIEW, gauge(name, help, labels));

export const peerCounter = <const L extends string = never>(name: string, help: string, labels: readonly L[] = []) =>
  compat(VIEW, counter(name, help, labels));

export type Rows = readonly ShowRow[];
