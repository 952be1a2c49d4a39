import { Argument, Command } from 'commander';
import { advicePage } from '../docs/advice-page';
import { catalogueModule } from '../docs/catalogue';
import { lintPage } from '../docs/lint-page';
import { metricsPage } from '../docs/metrics-page';
import { exporters } from '../exporters';

const pages = { metrics: metricsPage, advice: advicePage, lint: lintPage, catalogue: catalogueModule } as const;

export const docsCommand = (): Command =>
  new Command('docs')
    .description(
      'Print a page made from the declarations in the code: docs/metrics.md, docs/advice.md, docs/lint.md, catalogue/src/metrics.ts.',
    )
    .addArgument(new Argument('<page>', 'which one').choices(Object.keys(pages)))
    .action((page: keyof typeof pages) => {
      process.stdout.write(pages[page](exporters));
    });
