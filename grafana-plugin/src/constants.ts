import plugin from './plugin.json';

export const PLUGIN_ID = plugin.id;
export const ROOT = `/a/${plugin.id}`;
