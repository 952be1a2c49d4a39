'use strict';

/** Journeys in a real browser, against the live stack: see test/browser. */
module.exports = {
  rootDir: __dirname,
  roots: ['<rootDir>/test/browser'],
  testEnvironment: 'node',
  testMatch: ['**/*.test.ts'],
  globalSetup: '<rootDir>/test/browser/stack.js',
  globalTeardown: '<rootDir>/test/browser/stack-down.js',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
};
