'use strict';
// One AMD bundle as Grafana loads it: https://grafana.com/developers/plugin-tools/key-concepts/anatomy-of-a-plugin
const { existsSync, readdirSync, readFileSync } = require('node:fs');
const { join, relative } = require('node:path');
const CopyWebpackPlugin = require('copy-webpack-plugin');
const ReplaceInFileWebpackPlugin = require('replace-in-file-webpack-plugin');
const { SubresourceIntegrityPlugin } = require('webpack-subresource-integrity');

const source = join(__dirname, 'src');
const output = join(__dirname, 'dist');
const { version } = require('./package.json');
const { id } = JSON.parse(readFileSync(join(source, 'plugin.json'), 'utf8'));

/** The app, and every folder with a plugin.json of its own: nested panels. */
const entries = () => {
  const folders = readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((file) => file.name === 'plugin.json')
    .map((file) => file.parentPath ?? file.path);
  return Object.fromEntries(
    folders.map((folder) => {
      const module = ['module.ts', 'module.tsx'].map((name) => join(folder, name)).find(existsSync);
      if (module === undefined) throw new Error(`${folder} has a plugin.json, but no module`);
      return [join(relative(source, folder), 'module'), module];
    }),
  );
};

/** What Grafana shares with its plugins, so that there is one of each. */
const externals = [
  // What tells a module from where it was loaded.
  { 'amd-module': 'module' },
  ...[
    ...['lodash', 'jquery', 'moment', 'slate', 'emotion', '@emotion/react', '@emotion/css', 'prismjs', 'd3', 'angular'],
    ...['slate-plain-serializer', '@grafana/slate-react', 'react', 'react/jsx-runtime', 'react/jsx-dev-runtime'],
    ...['react-dom', 'react-redux', 'redux', 'rxjs', 'i18next', 'react-router'],
  ],
  /^@grafana\/(ui|runtime|data)$/i,
];

module.exports = (env = {}) => ({
  mode: env.production ? 'production' : 'development',
  context: source,
  target: ['web', 'es2022'],
  devtool: env.production ? 'source-map' : 'eval-source-map',
  entry: entries,
  externals,
  resolve: {
    extensions: ['.ts', '.tsx', '.js', '.jsx'],
    // The exporters' own types and checks of their answers; what they import is ours.
    alias: {
      '@submilli/api': join(__dirname, '..', 'exporters', 'core', 'src', 'api'),
      '@submilli/thresholds$': join(__dirname, '..', 'catalogue', 'src', 'thresholds.ts'),
      zod$: join(__dirname, 'node_modules', 'zod'),
    },
  },
  module: {
    rules: [
      {
        test: /module\.tsx?$/,
        include: source,
        use: [{ loader: 'imports-loader', options: { imports: `side-effects ${join(source, 'public-path.js')}` } }],
      },
      {
        test: /\.tsx?$/,
        exclude: /node_modules/,
        use: {
          loader: 'swc-loader',
          options: {
            jsc: {
              target: 'es2022',
              parser: { syntax: 'typescript', tsx: true, dynamicImport: true },
              transform: { react: { runtime: 'automatic' } },
            },
          },
        },
      },
    ],
  },
  optimization: { chunkIds: 'named', moduleIds: 'named' },
  output: {
    clean: true,
    path: output,
    filename: '[name].js',
    chunkFilename: env.production ? '[name].js?_cache=[contenthash]' : '[name].js',
    library: { type: 'amd' },
    publicPath: `public/plugins/${id}/`,
    uniqueName: id,
    crossOriginLoading: 'anonymous',
  },
  plugins: [
    new CopyWebpackPlugin({
      patterns: [
        { from: '../README.md', to: '.' },
        { from: '../CHANGELOG.md', to: '.' },
        { from: '../../LICENSE', to: '.' },
        { from: '**/plugin.json', to: '.' },
        { from: '**/*.{svg,png}', to: '.', noErrorOnMissing: true },
        { from: 'locales/**/*.json', to: '.', noErrorOnMissing: true },
      ],
    }),
    new ReplaceInFileWebpackPlugin([
      {
        dir: output,
        test: [/plugin\.json$/, /README\.md$/],
        rules: [
          { search: /%VERSION%/g, replace: version },
          { search: /%TODAY%/g, replace: new Date().toISOString().slice(0, 10) },
          { search: /%PLUGIN_ID%/g, replace: id },
        ],
      },
    ]),
    ...(env.production ? [new SubresourceIntegrityPlugin({ hashFuncNames: ['sha256'] })] : []),
  ],
});
