/** Where the links of a notification lead. Change them here, then `npm run generate`. */
export const site = {
  grafana: 'http://127.0.0.1:3000',
  runbooks: 'https://github.com/submilli/submilli/blob/main/alert-rules/runbooks',
} as const;
