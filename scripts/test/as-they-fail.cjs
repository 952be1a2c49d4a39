'use strict';
// Says which test failed as soon as it has: jest itself says it when the whole file is through, which it may never be.
const FIRST_LINES = 3;

module.exports = class {
  onTestCaseResult(_, { status, fullName, duration, failureMessages }) {
    if (status !== 'failed') return;
    const said = failureMessages.join('\n').split('\n').slice(0, FIRST_LINES).join('\n    ');
    console.log(`failed after ${Math.round((duration ?? 0) / 1000)} s: ${fullName}\n    ${said}`);
  }
};
