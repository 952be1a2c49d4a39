export { dashboards } from './dashboards';
export { type Expression, expressionsOf } from './expressions';
export { type WithoutData, withoutData } from './without-data';
