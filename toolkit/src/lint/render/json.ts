import type { Finding, Report, Spot } from '../run';
import { countsOf } from './terminal';

const whereOf = ({ place, line, column, endLine, endColumn }: Spot) => ({
  ...{ file: place.source.path, line, column, endLine, endColumn },
});

const findingJson = (finding: Finding) => ({
  ...{ rule: finding.rule.id, severity: finding.severity, says: finding.says },
  ...whereOf(finding),
  ...{ why: finding.rule.why, fix: finding.rule.fix, source: finding.rule.source, fixable: finding.edits.length > 0 },
  see: finding.see.map((other) => ({ ...whereOf(other), says: other.says })),
});

export const jsonReport = (report: Report): string =>
  JSON.stringify(
    {
      version: 1,
      files: report.files,
      counts: countsOf(report.findings),
      findings: report.findings.map(findingJson),
      suppressed: report.suppressed.map(({ finding, reason }) => ({ ...findingJson(finding), reason })),
    },
    null,
    2,
  );
