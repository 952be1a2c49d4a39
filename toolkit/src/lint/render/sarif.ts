import { isAbsolute, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rules } from '../catalogue';
import type { Severity } from '../rule';
import type { Finding, Report, Spot } from '../run';

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
};

/** Below the folder that a code review shows, by its name there; anything else by where it is. */
const uriOf = (path: string, base: string): string => {
  const below = isAbsolute(path) ? relative(base, path) : path;
  if (below.startsWith('..') || isAbsolute(below)) return pathToFileURL(path).href;
  return below.split(sep).map(encodeURIComponent).join('/');
};

const locationOf = ({ place, line, column, endLine, endColumn }: Spot, base: string) => ({
  physicalLocation: {
    artifactLocation: { uri: uriOf(place.source.path, base) },
    region: { startLine: line, startColumn: column, endLine, endColumn },
  },
});

const resultOf = (finding: Finding, base: string) => ({
  ruleId: finding.rule.id,
  ruleIndex: rules.indexOf(finding.rule),
  level: LEVELS[finding.severity],
  message: { text: `${finding.says}. ${finding.rule.fix}` },
  locations: [locationOf(finding, base)],
  ...(finding.see.length === 0
    ? {}
    : {
        relatedLocations: finding.see.map((other, id) => ({
          id,
          ...locationOf(other, base),
          message: { text: other.says },
        })),
      }),
});

/** SARIF 2.1.0, as code reviews and editors take it: columns in UTF-16 code units, from 1. */
export const sarifReport = ({ findings, suppressed }: Report, version: string, base: string): string =>
  JSON.stringify(
    {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          columnKind: 'utf16CodeUnits',
          tool: {
            driver: {
              name: 'submilli lint',
              version,
              rules: rules.map((rule) => ({
                id: rule.id,
                shortDescription: { text: rule.title },
                fullDescription: { text: rule.why },
                help: { text: `${rule.fix}\n\nSource: ${rule.source}` },
                defaultConfiguration: { level: LEVELS[rule.severity] },
              })),
            },
          },
          results: [
            ...findings.map((finding) => resultOf(finding, base)),
            ...suppressed.map(({ finding, reason }) => ({
              ...resultOf(finding, base),
              suppressions: [{ kind: 'inSource', justification: reason }],
            })),
          ],
        },
      ],
    },
    null,
    2,
  );
