import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv from 'ajv';
import { rules } from './catalogue';
import { contextOf } from './context';
import { readGiven, type Given } from './files/read';
import { fixesOf } from './fix';
import { jsonReport } from './render/json';
import { sarifReport } from './render/sarif';
import { paintFor, terminalReport } from './render/terminal';
import { lint, type Report } from './run';
import { writeFixed } from './write';

const given = (text: string, path = 'pgbouncer.ini'): Given => ({ kind: 'pgbouncer', source: { path, text } });
const reportOf = (...files: readonly Given[]): Report =>
  lint(files, contextOf({ openFiles: 1024, pgbouncer: '1.18', memoryMb: 16_384, cpus: 8 }, files), () => undefined);
const idsOf = ({ findings }: Report): string[] => findings.map(({ rule }) => rule.id);

const POOL = '[pgbouncer]\nquery_timeout = 5\n';

describe('a finding', () => {
  it('is shown with its place, its line, what to do and no colours where nobody sees them', () => {
    const text = terminalReport(reportOf(given(POOL)), paintFor(false, {}));
    expect(text).toContain(
      'pgbouncer.ini:2:17 warning any statement over 5 s loses its server connection, whatever it is',
    );
    expect(text).toContain('  2 | query_timeout = 5\n    |                 ^\n');
    expect(text).not.toContain('\x1b');
    expect(paintFor(true, {})('x', 'error')).toContain('\x1b');
    expect(paintFor(true, { NO_COLOR: '1' })('x', 'error')).toBe('x');
  });

  it('never shows a password', () => {
    const secret = 'hunter-two';
    const ini = `[databases]\napp = host=10.0.0.1 pasword=x password=${secret}\n\n[pgbouncer]\nlisten_port = 6432\n`;
    const list: Given = { kind: 'userlist', source: { path: 'userlist.txt', text: `"app" "${secret}"\n` } };
    const report = reportOf(given(ini), list);
    expect(idsOf(report)).toEqual(expect.arrayContaining(['userlist-plain-password', 'pgbouncer-password-in-ini']));
    for (const text of [
      terminalReport(report, paintFor(false, {})),
      jsonReport(report),
      sarifReport(report, '1', '/'),
    ]) {
      expect(text).not.toContain(secret);
    }
  });

  it('is silenced by a comment with a reason, and by no other', () => {
    const silenced = (comment: string): boolean =>
      !idsOf(reportOf(given(`[pgbouncer]\n${comment}\nquery_timeout = 5\n`))).includes('pgbouncer-query-timeout');
    expect(silenced('; submilli-lint: ignore pgbouncer-query-timeout health checks only')).toBe(true);
    expect(silenced('# submilli-lint: ignore-file pgbouncer-query-timeout health checks only')).toBe(true);
    expect(silenced('; submilli-lint: ignore pgbouncer-query-timeout')).toBe(false);
    expect(silenced('; submilli-lint: ignore pgbouncer-query-wait another rule')).toBe(false);
    expect(idsOf(reportOf(given('[pgbouncer]\n; submilli-lint: ignore no-such-rule why\n')))).toContain('suppression');
  });

  it('comes once, in the order of the files', () => {
    const { findings } = reportOf(given(POOL, 'b.ini'), given(POOL, 'a.ini'));
    const keys = findings.map(({ place, line, column, rule, says }) =>
      [place.source.path, line, column, rule.id, says].join(' '),
    );
    expect(new Set(keys).size).toBe(keys.length);
    expect(findings.map(({ place }) => place.source.path)).toEqual(
      findings.map(({ place }) => place.source.path).toSorted(),
    );
  });
});

/** What the SARIF 2.1.0 schema requires of the objects that we make; additional properties are those we don't make. */
const message = { type: 'object', required: ['text'], properties: { text: { type: 'string', minLength: 1 } } };
const natural = { type: 'integer', minimum: 1 };
const location = {
  type: 'object',
  required: ['physicalLocation'],
  properties: {
    physicalLocation: {
      type: 'object',
      additionalProperties: false,
      required: ['artifactLocation', 'region'],
      properties: {
        artifactLocation: {
          type: 'object',
          additionalProperties: false,
          properties: { uri: { type: 'string', pattern: '^[^ \\\\]+$' } },
        },
        region: {
          type: 'object',
          additionalProperties: false,
          required: ['startLine'],
          properties: { startLine: natural, startColumn: natural, endLine: natural, endColumn: natural },
        },
      },
    },
    id: { type: 'integer', minimum: 0 },
    message,
  },
};
const level = { enum: ['none', 'note', 'warning', 'error'] };
const schema = {
  type: 'object',
  required: ['version', 'runs'],
  properties: {
    version: { const: '2.1.0' },
    runs: {
      type: 'array',
      items: {
        type: 'object',
        required: ['tool'],
        properties: {
          columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
          tool: {
            type: 'object',
            required: ['driver'],
            properties: {
              driver: {
                type: 'object',
                required: ['name', 'rules'],
                properties: {
                  rules: {
                    type: 'array',
                    uniqueItems: true,
                    items: {
                      type: 'object',
                      required: ['id'],
                      properties: { shortDescription: message, fullDescription: message, help: message },
                    },
                  },
                },
              },
            },
          },
          results: {
            type: 'array',
            items: {
              type: 'object',
              required: ['message'],
              properties: {
                ...{ message, level, ruleIndex: { type: 'integer', minimum: 0, maximum: rules.length - 1 } },
                locations: { type: 'array', items: location },
                relatedLocations: { type: 'array', uniqueItems: true, items: location },
                suppressions: {
                  type: 'array',
                  items: {
                    type: 'object',
                    required: ['kind'],
                    properties: { kind: { enum: ['inSource', 'external'] } },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};

describe('SARIF', () => {
  it('is what the format requires, of every rule’s failing example', () => {
    const validate = new Ajv({ strict: false }).compile(schema);
    for (const { bad } of rules) {
      const files = bad.files.map(({ name, kind, text }): Given => ({
        kind,
        source: { path: `/here/of mine/${name}`, text },
      }));
      const sarif = JSON.parse(sarifReport(reportOf(...files), '0.1.0', '/here')) as {
        runs: [{ results: { ruleId: string; ruleIndex: number }[] }];
      };
      expect([validate(sarif), validate.errors]).toEqual([true, null]);
      for (const { ruleId, ruleIndex } of sarif.runs[0].results) expect(rules[ruleIndex]?.id).toBe(ruleId);
    }
  });

  it('names files as a code review does: below its folder, and escaped', () => {
    const sarif = (path: string): string => sarifReport(reportOf(given(POOL, path)), '0.1.0', '/repo');
    expect(sarif('/repo/a b/pgbouncer.ini')).toContain('"uri": "a%20b/pgbouncer.ini"');
    expect(sarif('/etc/pgbouncer.ini')).toContain('"uri": "file:///etc/pgbouncer.ini"');
  });

  it('has what a comment silences, as silenced and why', () => {
    const text = '[pgbouncer]\n; submilli-lint: ignore pgbouncer-query-timeout health checks only\nquery_timeout = 5\n';
    expect(sarifReport(reportOf(given(text)), '0.1.0', '/')).toContain('"justification": "health checks only"');
  });
});

describe('--fix', () => {
  it('makes a diff, and what it makes is not found again', () => {
    const before = given(POOL);
    const [fixed] = fixesOf(reportOf(before).findings);
    expect(fixed?.diff).toMatch(/^-query_timeout = 5\n(\+.*\n)*\+query_timeout = 0$/m);
    const after = given(fixed?.text ?? '');
    expect(fixesOf(reportOf(after).findings)).toEqual([]);
  });

  it('leaves nothing of its own findings in any example that it can mend', () => {
    for (const rule of rules.filter(({ fixable }) => fixable)) {
      const files = rule.bad.files.map(({ name, kind, text }): Given => ({ kind, source: { path: name, text } }));
      const fixes = fixesOf(reportOf(...files).findings);
      const mended = files.map(({ kind, source }): Given => {
        const text = fixes.find((one) => one.source === source)?.text ?? source.text;
        return { kind, source: { path: source.path, text } };
      });
      expect([rule.id, idsOf(reportOf(...mended)).includes(rule.id)]).toEqual([rule.id, false]);
      expect(idsOf(reportOf(...mended))).not.toContain('syntax');
    }
  });

  it('writes with the mode that was there, and not what somebody changed meanwhile', () => {
    const folder = mkdtempSync(join(tmpdir(), 'submilli-lint-fix-'));
    const path = join(folder, 'pgbouncer.ini');
    writeFileSync(path, POOL);
    chmodSync(path, 0o640);
    const [fixed] = fixesOf(reportOf(...readGiven([path], undefined, () => '')).findings);
    if (fixed === undefined) throw new Error('nothing to fix');
    writeFixed(fixed);
    expect(readFileSync(path, 'utf8')).toBe(fixed.text);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(() => writeFixed(fixed)).toThrow('it was changed while it was looked at');
    rmSync(folder, { recursive: true });
  });
});
