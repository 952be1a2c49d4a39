import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import packageJson from '../../package.json';

// What Grafana's own plugin validator looks at, over what is really shipped: https://github.com/grafana/plugin-validator

const dist = join(__dirname, '..', '..', 'dist');
const read = (...path: string[]): string => readFileSync(join(dist, ...path), 'utf8');

type Include = {
  readonly type: string;
  readonly name: string;
  readonly path: string;
  readonly role?: string;
  readonly addToNav?: boolean;
  readonly defaultNav?: boolean;
};
type Manifest = {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly info: {
    readonly description: string;
    readonly version: string;
    readonly updated: string;
    readonly keywords: readonly string[];
    readonly logos: { readonly small: string; readonly large: string };
    readonly screenshots: readonly { readonly path: string }[];
  };
  readonly includes?: readonly Include[];
  readonly routes?: readonly {
    readonly path: string;
    readonly url: string;
    readonly method?: string;
    readonly reqRole?: string;
    readonly headers?: readonly { readonly content: string }[];
  }[];
  readonly dependencies: { readonly grafanaDependency: string };
};

const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(dist, join(entry.parentPath, entry.name)));
const manifests = files
  .filter((file) => file.endsWith('plugin.json'))
  .map((file) => ({ folder: dirname(file), manifest: JSON.parse(read(file)) as Manifest }));
const app = manifests.find(({ folder }) => folder === '.')?.manifest;
if (app === undefined) throw new Error('dist has no plugin.json: npm run build');

/** Bytes, as the README states them: of what Grafana loads at its start, of each panel, and of all scripts on the wire. */
const BUDGET = { module: 16_000, panel: 180_000, compressed: 350_000 };

describe('what is shipped', () => {
  it('has what people read, with nothing left to fill in', () => {
    for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE']) expect(read(file).length).toBeGreaterThan(100);
    for (const file of files.filter((name) => /\.(md|json)$/.test(name)))
      expect(read(file)).not.toMatch(/%(VERSION|TODAY|PLUGIN_ID)%/);
    expect(read('README.md').toLowerCase()).not.toContain('your plugin');
    expect(read('CHANGELOG.md')).toContain(`## ${packageJson.version}`);
  });

  it.each(manifests)('is a plugin by its manifest in $folder', ({ folder, manifest }) => {
    expect(manifest.id).toMatch(/^[0-9a-z]+-([0-9a-z]+-)?(app|panel)$/);
    expect(manifest.info.version).toBe(packageJson.version);
    expect(manifest.info.updated).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(manifest.info.keywords.length).toBeGreaterThan(0);
    expect(manifest.info.description.length).toBeGreaterThan(20);
    expect(manifest.dependencies.grafanaDependency).toBe('>=12.3.0');
    for (const logo of Object.values(manifest.info.logos)) {
      const text = read(folder, logo);
      expect(text).toContain('<svg');
      expect(text).not.toMatch(/<script|\bon\w+=|javascript:|<foreignObject|href=/i);
    }
    for (const { path } of manifest.info.screenshots) expect(existsSync(join(dist, path))).toBe(true);
  });

  it('has panels with ids of their own, each named by the app', () => {
    const nested = manifests.filter(({ folder }) => folder !== '.');
    expect(nested.map(({ manifest }) => manifest.id).sort()).toEqual([
      'submilli-healthscore-panel',
      'submilli-latencydistribution-panel',
      'submilli-recommendations-panel',
    ]);
    const included = app.includes?.filter(({ type }) => type === 'panel').map(({ path }) => path) ?? [];
    expect(included.sort()).toEqual(nested.map(({ folder }) => `${folder}/plugin.json`).sort());
  });

  it('has pages that are there, one of them the first', () => {
    const pages = app.includes?.filter(({ type }) => type === 'page') ?? [];
    expect(pages.filter(({ defaultNav }) => defaultNav === true).map(({ name }) => name)).toEqual(['Overview']);
    const source = readFileSync(join(dist, '..', 'src', 'app', 'pages.ts'), 'utf8');
    for (const { path } of pages.filter((page) => page.path.startsWith('/a/'))) {
      expect(source).toContain(`'${path.replace(`/a/${app.id}/`, '')}'`);
    }
  });

  it('has routes that let viewers only read, and whose secrets are not in it', () => {
    for (const route of app.routes ?? []) {
      expect(route.path).toMatch(/\/\*$/);
      expect(route.url).toMatch(/^\{\{ \.JsonData\.\w+Url \}\}\/api/);
      if (route.method !== 'GET') expect(route).toMatchObject({ method: 'POST', reqRole: 'Editor' });
      for (const { content } of route.headers ?? []) expect(content).toMatch(/^\{\{ \.SecureJsonData\.\w+ \}\}$/);
    }
  });

  it('has a source map for every script, and no way to run text as code', () => {
    const scripts = files.filter((file) => file.endsWith('.js'));
    expect(scripts.length).toBeGreaterThan(5);
    for (const script of scripts) {
      expect(existsSync(join(dist, `${script}.map`))).toBe(true);
      const text = read(script);
      expect(text).toContain(`sourceMappingURL=${script.split('/').at(-1)}.map`);
      expect(text).not.toMatch(/\beval\(|document\.write\(/);
      expect(text).not.toMatch(/https?:\/\/(?:www\.)?(?:google-analytics|googletagmanager|segment|mixpanel)/);
    }
  });

  it('checks the integrity of what it loads later', () => {
    expect(read('module.js')).toMatch(/sha256-[A-Za-z0-9+/]{43}=/);
  });

  it('shares React, the router and Grafana’s own packages, and brings none of them', () => {
    for (const script of [
      'module.js',
      ...manifests.filter(({ folder }) => folder !== '.').map(({ folder }) => `${folder}/module.js`),
    ]) {
      expect(read(script)).toMatch(/^(?:\/\*[^]*?\*\/\s*)?define\(\[/);
    }
    const everything = files
      .filter((file) => file.endsWith('.js.map'))
      .map((file) => (JSON.parse(read(file)) as { sources: string[] }).sources)
      .flat();
    expect(
      everything.filter((source) =>
        /node_modules\/(react|react-dom|react-router|rxjs|@grafana\/(ui|data|runtime))\//.test(source),
      ),
    ).toEqual([]);
  });

  it('keeps to its budget', () => {
    const size = (file: string): number => statSync(join(dist, file)).size;
    expect(size('module.js')).toBeLessThan(BUDGET.module);
    for (const { folder } of manifests.filter((one) => one.folder !== '.'))
      expect(size(`${folder}/module.js`)).toBeLessThan(BUDGET.panel);
    const scripts = files.filter((file) => file.endsWith('.js'));
    const wire = scripts.reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file))).length, 0);
    expect(wire).toBeLessThan(BUDGET.compressed);
  });
});
