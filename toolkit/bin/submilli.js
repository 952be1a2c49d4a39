#!/usr/bin/env node
'use strict';

const { existsSync } = require('node:fs');
const { join } = require('node:path');

const entry = join(__dirname, '..', 'dist', 'main.js');
if (!existsSync(entry)) {
  console.error('submilli is not built yet: run `npm ci && npm run build` in the checkout, then try again.');
  process.exit(1);
}
require(entry);
