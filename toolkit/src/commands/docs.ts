import { Argument, Command } from 'commander';
import { commandsPage } from '../command-line/manual/page';
import { manualPage } from '../command-line/manual/roff';
import { treeOf } from '../command-line/tree';
import { advicePage } from '../docs/advice-page';
import { catalogueModule } from '../docs/catalogue';
import { lintPage } from '../docs/lint-page';
import { metricsPage } from '../docs/metrics-page';
import { exporters } from '../exporters';

export const docsCommand = (program: () => Command): Command => {
  const pages: Readonly<Record<string, () => string>> = {
    metrics: () => metricsPage(exporters),
    advice: () => advicePage(exporters),
    lint: lintPage,
    catalogue: () => catalogueModule(exporters),
    commands: () => commandsPage(treeOf(program())),
    manual: () => manualPage(treeOf(program())),
  };
  return new Command('docs')
    .description('Print a page made from the declarations in the code, as npm run docs writes it.')
    .addArgument(new Argument('<page>', 'which one').choices(Object.keys(pages)))
    .action((page: string) => {
      process.stdout.write(pages[page]?.() ?? '');
    });
};
