export * from './errors';
export * from './postgres/setup-role';
