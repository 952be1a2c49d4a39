// What the tests came to: how many passed, which failed and with which words, and where the time went.
import { stripVTControlCharacters } from 'node:util';
import { relative } from 'node:path';

const FIRST_LINES = 15;
const LONGEST_LINE = 300;

/** The first lines of what a test said, without colours. */
const indented = (messages) =>
  stripVTControlCharacters(messages.join('\n'))
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, FIRST_LINES)
    .map((line) => `    ${line.slice(0, LONGEST_LINE)}`)
    .join('\n');

export const startTally = () => {
  let passed = 0;
  let skipped = 0;
  const failures = [];
  const times = [];

  return {
    passes: () => void (passed += 1),
    fails: (what) => void failures.push(what),
    took: (title, seconds) => void times.push({ title, seconds }),

    /** Of what jest reports of one run; `trouble` is how it ended, '' when it was well. */
    reads: (report, { project, folder, trouble }) => {
      const files = report.testResults.map((file) => ({ ...file, name: relative(folder, file.name) }));
      const broken = files.filter(
        ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
      );
      passed += report.numPassedTests;
      skipped += report.numPendingTests + report.numTodoTests;
      for (const { name } of broken) failures.push(`${project}: ${name} did not run`);
      for (const { name, assertionResults } of files) {
        for (const { status, fullName, failureMessages } of assertionResults) {
          if (status === 'failed') failures.push(`${project}: ${name}: ${fullName}\n${indented(failureMessages)}`);
        }
      }
      if (trouble !== '' && report.numFailedTests + broken.length === 0)
        failures.push(`${project}: jest itself: ${trouble}`);
      if (report.numTotalTests === 0) failures.push(`${project}: jest found no test`);
    },

    /** Said once more at the end, where hours of output do not hide it; true when all is well. */
    tell: () => {
      console.log('\nMinutes that each part took:');
      for (const { title, seconds } of times.toSorted((a, b) => b.seconds - a.seconds)) {
        console.log(`${(seconds / 60).toFixed(1).padStart(6)}  ${title}`);
      }
      console.log('');
      for (const what of failures) console.log(`FAILED: ${what}`);
      console.log(`${passed} passed, ${failures.length} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
      return failures.length === 0 && !(process.env.CI && skipped > 0);
    },
  };
};
