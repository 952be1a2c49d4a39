import './web-assembly';

/** PostgreSQL's own parser. */
export { loadModule, normalizeSync, parseSync, type ScanToken, scanSync } from 'libpg-query';
