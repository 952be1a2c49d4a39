import type { AppPlugin } from '@grafana/data';
import type { Settings } from '../settings';

/** What the app adds to Grafana elsewhere; the same is listed under `extensions` of plugin.json. */
export const addExtensions = (_plugin: AppPlugin<Settings>): void => undefined;
