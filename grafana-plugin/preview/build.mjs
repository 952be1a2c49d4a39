// Builds the preview: a host page for browsers, and the server that serves it.
import { build } from 'esbuild';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, '..', 'node_modules');
const output = join(here, 'dist');

/** What Grafana's own start calls and the packages do not export, from the same files as what they do export. */
const internals = {
  name: 'internals',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^runtime-internal:/ }, ({ path }) => ({
      path: join(modules, '@grafana/runtime/dist/esm', `${path.slice('runtime-internal:'.length)}.mjs`),
    }));
  },
};

await build({
  entryPoints: { host: join(here, 'host/main.tsx') },
  outdir: output,
  bundle: true,
  format: 'esm',
  splitting: true,
  platform: 'browser',
  mainFields: ['browser', 'module', 'main'],
  target: 'es2022',
  minify: process.env.PREVIEW_PLAIN === undefined,
  jsx: 'automatic',
  // Grafana has one router, which links of @grafana/ui look for by its bridge from version 5.
  alias: { 'react-router-dom-v5-compat': join(modules, 'react-router-dom') },
  loader: { '.ttf': 'file', '.woff': 'file', '.woff2': 'file', '.svg': 'dataurl', '.png': 'dataurl' },
  // What looks for an AMD loader must not find the one that is there for plugins.
  define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis', define: 'undefined' },
  plugins: [internals],
  logLevel: 'warning',
});
await build({
  entryPoints: { server: join(here, 'server/main.ts') },
  outdir: output,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
});
const system = ['system.min.js', 'extras/amd.min.js', 'extras/named-register.min.js'];
writeFileSync(
  join(output, 'system.js'),
  system
    .map((file) =>
      readFileSync(join(modules, 'systemjs/dist', file), 'utf8').replace(/^\/\/# sourceMappingURL.*$/m, ''),
    )
    .join('\n'),
);
for (const [name, weight] of [
  ['Regular', 400],
  ['Medium', 500],
]) {
  cpSync(
    join(modules, `@fontsource/inter/files/inter-latin-${weight}-normal.woff2`),
    join(output, 'fonts/inter', `Inter-${name}.woff2`),
  );
}
cpSync(join(modules, '@grafana/ui/dist/public/img/icons'), join(output, 'icons'), { recursive: true });
