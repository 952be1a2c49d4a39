export { dashboards } from './dashboards';
export { type Expression, expressionsOf } from './expressions';
