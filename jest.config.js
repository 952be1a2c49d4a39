'use strict';

const shared = {
  rootDir: __dirname,
  // The Grafana app has an installation and tests of its own.
  roots: [
    '<rootDir>/alert-rules',
    '<rootDir>/bench',
    '<rootDir>/catalogue',
    '<rootDir>/dashboards',
    '<rootDir>/exporters',
    '<rootDir>/local-postgres',
    '<rootDir>/toolkit',
  ],
  testEnvironment: '<rootDir>/scripts/own-folder-environment.cjs',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'commonjs' } },
    ],
  },
  moduleNameMapper: {
    '^@submilli/(core|database|pool|query|ha)$': '<rootDir>/exporters/$1/src/index.ts',
    '^@submilli/(alert-rules|catalogue|dashboards|toolkit|local-postgres)$': '<rootDir>/$1/src/index.ts',
  },
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/', '<rootDir>/.stack/', '<rootDir>/.cache/'],
};

/** Unit tests stand beside the code; tests that need servers stand in each package's `test/` folder. */
module.exports = {
  // For what hangs: how fast anything is, is no test's business on a machine that does other work beside.
  testTimeout: 60_000,
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/**/src/**/*.test.ts'] },
    { ...shared, displayName: 'compose', testMatch: ['<rootDir>/**/test/compose/**/*.test.ts'] },
    { ...shared, displayName: 'packaging', testMatch: ['<rootDir>/**/test/packaging/**/*.test.ts'] },
    { ...shared, displayName: 'rules', testMatch: ['<rootDir>/**/test/rules/**/*.test.ts'] },
    { ...shared, displayName: 'fire', testMatch: ['<rootDir>/**/test/fire/**/*.test.ts'] },
    { ...shared, displayName: 'postgres', testMatch: ['<rootDir>/**/test/postgres/**/*.test.ts'] },
    { ...shared, displayName: 'e2e', testMatch: ['<rootDir>/**/test/e2e/**/*.test.ts'] },
  ],
};
