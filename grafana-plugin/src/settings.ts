/** The exporters, as routes of the plugin's proxy. */
export const exporters = ['database', 'pool', 'query', 'ha'] as const;
export type ExporterName = (typeof exporters)[number];

/** What an administrator sets; provisioning may preset it. Secrets are not in it: they never reach the browser. */
export type Settings = {
  /** The Prometheus data source that scrapes the exporters. */
  readonly prometheusUid?: string;
  readonly databaseUrl?: string;
  readonly poolUrl?: string;
  readonly queryUrl?: string;
  readonly haUrl?: string;
  /** What latency should stay within, as people write it: "P50: 0.3 ms, P99: 2.5 ms". */
  readonly targets?: string;
};

export const urlKey = (exporter: ExporterName) => `${exporter}Url` as const;
export const secretKey = (exporter: ExporterName) => `${exporter}Authorization` as const;

/** Exporters without an address are not asked, and missed by nobody. */
export const configured = (settings: Settings): readonly ExporterName[] =>
  exporters.filter((exporter) => (settings[urlKey(exporter)] ?? '') !== '');
