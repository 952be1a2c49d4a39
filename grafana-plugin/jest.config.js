'use strict';

// What comes as ES modules only, and has to be made into what Jest runs.
const modern = [
  ...[
    '@grafana',
    '@react-hookz/web',
    '@ver0/deep-equal',
    'd3',
    'd3-.*',
    'internmap',
    'delaunator',
    'robust-predicates',
  ],
  ...[
    'ol',
    'quickselect',
    'rbush',
    'pbf',
    'geotiff',
    'color-.*',
    'earcut',
    'marked',
    'uuid',
    'react-colorful',
    'nanoid',
  ],
  ...['rc-.*', '@rc-component/.*', '@formatjs', 'intl-messageformat', 'react-calendar', 'get-user-locale', 'memoize'],
  ...[
    'mimic-function',
    '@wojtekmaj/.*',
    'react-data-grid',
    '@kusto',
    'monaco-.*',
    'lodash-es',
    '@tanstack',
    'es-toolkit',
  ],
  ...[
    'uwrap',
    'react-resizable-panels',
    'react-virtualized-auto-sizer',
    '@openfeature',
    'micro-memoize',
    'fast-equals',
  ],
];

module.exports = {
  rootDir: __dirname,
  roots: ['<rootDir>/src', '<rootDir>/preview', '<rootDir>/test/bundle'],
  testEnvironment: 'jest-environment-jsdom',
  // Chooses what packages offer to Node: what they offer to browsers is not for Jest.
  testEnvironmentOptions: { customExportConditions: ['node', 'node-addons', 'require', 'default'] },
  setupFilesAfterEnv: ['<rootDir>/test/jest-setup.ts'],
  testMatch: ['**/*.test.{ts,tsx}'],
  testTimeout: 60_000,
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/preview/dist'],
  transform: {
    '^.+\\.(t|j)sx?$|^.+\\.mjs$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', tsx: true },
          target: 'es2022',
          transform: { react: { runtime: 'automatic' } },
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  transformIgnorePatterns: [`node_modules/(?!(?:.*/node_modules/)?(?:${modern.join('|')})(?:/|$))`],
  moduleNameMapper: {
    '^@submilli/thresholds$': '<rootDir>/../catalogue/src/thresholds.ts',
    '^@submilli/api/(.*)$': '<rootDir>/../exporters/core/src/api/$1',
    '^zod$': '<rootDir>/node_modules/zod',
    '\\.(css|svg|png|ttf)$': '<rootDir>/test/nothing.js',
    '^uwrap$': '<rootDir>/node_modules/uwrap/dist/uWrap.mjs',
    '^react-router-dom-v5-compat$': '<rootDir>/node_modules/react-router-dom',
    // It fetches icons.
    '^react-inlinesvg$': '<rootDir>/test/nothing.js',
  },
};
