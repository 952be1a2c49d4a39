import { readFileSync } from 'node:fs';
import { workloadScripts } from '../stack/workload';
import { choose, drawTransaction, parseScript, zipfian } from './player';

describe('the player of workload scripts', () => {
  it('understands every script of the workload, and leaves no variable in a statement', () => {
    const scripts = workloadScripts();
    expect(scripts.length).toBeGreaterThan(5);
    for (const { path, weight } of scripts) {
      const played = parseScript(readFileSync(path, 'utf8'), weight);
      const statements = drawTransaction(played, () => 0.5);
      expect(statements.length).toBeGreaterThan(0);
      expect(statements.join('\n')).not.toMatch(/(?<!:):[a-z]/);
    }
  });

  it('refuses a meta-command that it does not know', () => {
    expect(() => parseScript('\\sleep 1 s\nSELECT 1;', 1)).toThrow('cannot play this line: \\sleep 1 s');
  });

  it('draws small numbers most often, and none outside its range', () => {
    const draws = Array.from({ length: 5000 }, () => zipfian(400, 1.2, Math.random));
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...draws)).toBeLessThanOrEqual(400);
    const ones = draws.filter((x) => x === 1).length;
    expect(ones).toBeGreaterThan(draws.filter((x) => x === 2).length);
  });

  it('chooses scripts by their weight', () => {
    const scripts = [parseScript('SELECT 1;', 3), parseScript('SELECT 2;', 1)];
    expect(choose(scripts, () => 0.7)?.statements).toEqual(['SELECT 1']);
    expect(choose(scripts, () => 0.8)?.statements).toEqual(['SELECT 2']);
  });
});
