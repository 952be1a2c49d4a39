import { Command } from 'commander';
import { metricsPage } from '../docs/metrics-page';
import { exporters } from '../exporters';

export const docsCommand = (): Command =>
  new Command('docs').description('Print the page of all metrics (docs/metrics.md).').action(() => {
    process.stdout.write(metricsPage(exporters));
  });
