import js from '@eslint/js';
import i18n from '@grafana/i18n/eslint-plugin';
import prettier from 'eslint-config-prettier';
import a11y from 'eslint-plugin-jsx-a11y';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'preview/dist/', 'node_modules/', 'coverage/', 'artifacts/'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [...tseslint.configs.recommendedTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: ['./tsconfig.json'], tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true } }],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      eqeqeq: ['error', 'always'],
    },
  },
  {
    // What runs inside Grafana: it shares page, history and console with everybody else there.
    files: ['src/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': hooks, '@grafana/i18n': i18n, 'jsx-a11y': a11y },
    rules: {
      ...a11y.flatConfigs.strict.rules,
      // A part that scrolls has to be reached with the keyboard.
      'jsx-a11y/no-noninteractive-tabindex': ['error', { tags: ['pre'], roles: ['region', 'group', 'tabpanel'] }],
      // The field that a button has just opened: whoever pressed it means to write there.
      'jsx-a11y/no-autofocus': 'off',
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      '@grafana/i18n/no-untranslated-strings': ['error', { calleesToIgnore: ['^css$'] }],
      '@grafana/i18n/no-translation-top-level': 'error',
      'no-console': 'error',
      'no-restricted-globals': [
        'error',
        { name: 'window', message: 'Ask Grafana: locationService, config, useTheme2.' },
        { name: 'document', message: 'Draw with React.' },
        { name: 'localStorage', message: 'Keep it in the URL, or in usePluginUserStorage().' },
      ],
    },
  },
  {
    // Grafana reads the options of panels before texts are loaded.
    files: ['src/panels/*/module.ts'],
    rules: { '@grafana/i18n/no-untranslated-strings': 'off' },
  },
  {
    files: ['src/**/*.test.{ts,tsx}'],
    rules: { '@grafana/i18n/no-untranslated-strings': 'off', 'no-restricted-globals': 'off' },
  },
  {
    // As Grafana's own server does: what a failed request throws is what it answered.
    files: ['preview/host/**', 'test/render.tsx'],
    rules: { '@typescript-eslint/only-throw-error': 'off' },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: {
        ...{ process: 'readonly', console: 'readonly', require: 'readonly', module: 'writable', __dirname: 'readonly' },
        ...{
          URL: 'readonly',
          globalThis: 'readonly',
          fetch: 'readonly',
          AbortSignal: 'readonly',
          setTimeout: 'readonly',
          clearTimeout: 'readonly',
          __webpack_public_path__: 'writable',
        },
      },
    },
  },
  prettier,
);
