export { alerts, files, recordings } from './groups';
export type { Alert, Level, Severity } from './define';
