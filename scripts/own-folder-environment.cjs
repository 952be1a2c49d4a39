'use strict';
// Each test file has a folder of its own for what it writes to the system's folder of temporary files, and takes it away
// with all that servers and stacks have left in it: gigabytes each. KEEP_TEST_FILES=1 leaves it, to look into.
const { chmodSync, mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { TestEnvironment } = require('jest-environment-node');

module.exports = class extends TestEnvironment {
  constructor(config, context) {
    const before = process.env.TMPDIR;
    const folder = mkdtempSync(join(tmpdir(), 'submilli-'));
    // Servers that run under accounts of their own reach theirs through it.
    chmodSync(folder, 0o755);
    // Before anything is made of the environment: tests get a copy of it.
    process.env.TMPDIR = folder;
    super(config, context);
    this.folder = folder;
    this.before = before;
  }

  async teardown() {
    await super.teardown();
    if (this.before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = this.before;
    if (process.env.KEEP_TEST_FILES) console.log(`Kept: ${this.folder}`);
    else rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
};
