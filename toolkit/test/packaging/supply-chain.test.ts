import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout, readRepo, run } from '../compose/tools';

type Package = {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly workspaces?: readonly string[];
};
type Manifest = Pick<Package, 'dependencies' | 'devDependencies'> & {
  readonly scripts?: Readonly<Record<string, string>>;
};

const read = <T>(path: string): T => JSON.parse(readRepo(path)) as T;
const packagesOf = (folder: string): [path: string, entry: Package][] =>
  Object.entries(read<{ packages: Record<string, Package> }>(join(folder, 'package-lock.json')).packages);
const fetched = (folder: string): [path: string, entry: Package][] =>
  packagesOf(folder).filter(([path, { link }]) => path.includes('node_modules/') && link !== true);

/** Each installs from a lockfile of its own. */
const roots = ['.', 'grafana-plugin'];

const PERMISSIVE = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0'];

/** Who installs what it did not have before would not be held to the lockfile. */
const LOOSE_INSTALL = /\bnpm (i|install|add|update|up|upgrade)\b(?! -g)|\b(npx --yes|npx -y|npm exec|yarn|pnpm)\b/;

describe.each(roots)('the dependencies of %s', (folder) => {
  it('are in the lockfile as the manifests ask for them', () => {
    const packages = new Map(packagesOf(folder));
    const manifests = [...packages.keys()].filter((path) => !path.includes('node_modules'));
    for (const path of manifests) {
      const manifest = read<Manifest>(join(folder, path, 'package.json'));
      const { dependencies, devDependencies } = packages.get(path) ?? {};
      expect([path, dependencies ?? {}, devDependencies ?? {}]).toEqual([
        ...[path, manifest.dependencies ?? {}, manifest.devDependencies ?? {}],
      ]);
    }
    if (folder === '.') expect(manifests.length).toBeGreaterThan(9);
  });

  it('have a hash each, so that nobody can put another in its place, and name no registry', () => {
    expect(fetched(folder).length).toBeGreaterThan(500);
    const without = fetched(folder).filter(([, { integrity }]) => integrity?.startsWith('sha512-') !== true);
    expect(without.map(([path]) => path)).toEqual([]);
    expect(readRepo(join(folder, 'package-lock.json'))).not.toContain('"resolved": "http');
  });

  it('run nothing when they are installed', () => {
    expect(readRepo(join(folder, '.npmrc')).split('\n')).toContain('ignore-scripts=true');
    // Who has such a script must work without it: these bring their binaries in packages of their own.
    const scripted = fetched(folder).filter(([, { hasInstallScript }]) => hasInstallScript === true);
    const known = ['@parcel/watcher', '@swc/core', 'esbuild'].map((name) => `node_modules/${name}`);
    expect(scripted.filter(([path, { dev }]) => !known.includes(path) || dev !== true)).toEqual([]);
  });

  it('come from the registry, not from an address', () => {
    const asked = packagesOf(folder).flatMap(([, { dependencies, devDependencies }]) =>
      Object.entries({ ...dependencies, ...devDependencies }),
    );
    expect(asked.filter(([, range]) => /^(git|https?|file|github):|\//.test(range.replace(/^npm:/, '')))).toEqual([]);
  });
});

describe('the supply chain', () => {
  it('is licensed permissively, in all that runs in production', () => {
    const production = fetched('.').filter(([, { dev }]) => dev !== true);
    expect(production.length).toBeGreaterThan(80);
    expect(production.filter(([, { license }]) => !PERMISSIVE.includes(license ?? 'none'))).toEqual([]);
  });

  it('installs by npm ci alone, in scripts, images and pages', () => {
    const pages = ['docs', 'scripts', '.ci', 'cluster/docker', 'packaging'].flatMap((folder) =>
      readdirSync(join(checkout, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !/\.(svg|png|json)$/.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name)),
    );
    const named = ['README.md', 'CONTRIBUTING.md', 'Dockerfile', 'package.json', 'toolkit/bin/submilli.js'];
    const all = [...pages, ...[...named, 'grafana-plugin/README.md'].map((name) => join(checkout, name))];
    const texts = all.map((path) => [path, readFileSync(path, 'utf8')] as const);
    expect(texts.filter(([, text]) => LOOSE_INSTALL.test(text)).map(([path]) => path)).toEqual([]);
    for (const path of ['scripts/prepare.mjs', 'scripts/prepare-plugin.mjs'])
      expect(readRepo(path)).toContain("['ci',");
    expect(readRepo('Dockerfile').match(/npm ci /g)).toHaveLength(2);
  });

  it('would be seen to install loosely', () => {
    for (const text of ['npm install', 'run npm i now', 'npx --yes cowsay', 'yarn'])
      expect(text).toMatch(LOOSE_INSTALL);
    for (const text of ['npm ci', 'npx submilli check', 'npm run start']) expect(text).not.toMatch(LOOSE_INSTALL);
  });

  it('is told as CycloneDX by npm run sbom: every package of production, with hash and licence, and no host name', () => {
    const directory = mkdtempSync(join(tmpdir(), 'submilli-sbom-'));
    try {
      const file = join(directory, 'sbom.cdx.json');
      expect(run('node', ['scripts/sbom.mjs', file])).toMatchObject({ status: 0 });
      const text = readFileSync(file, 'utf8');
      const bom = JSON.parse(text) as {
        readonly bomFormat: string;
        readonly metadata: { readonly component: { readonly name: string } };
        readonly components: readonly { purl: string; version: string; hashes?: unknown; licenses?: unknown }[];
      };
      expect([bom.bomFormat, bom.metadata.component.name]).toEqual(['CycloneDX', 'submilli']);
      const theirs = bom.components.filter(({ purl }) => !purl.startsWith('pkg:npm/%40submilli/'));
      expect(theirs.filter(({ hashes, licenses }) => hashes === undefined || licenses === undefined)).toEqual([]);
      const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      const wanted = fetched('.').filter(([, { dev }]) => dev !== true);
      const purls = wanted.map(
        ([path, { version }]) => `pkg:npm/${nameOf(path).replace('@', '%40')}@${version ?? 'none'}`,
      );
      expect(theirs.map(({ purl }) => purl).sort()).toEqual([...new Set(purls)].sort());
      expect(text.replace('http://cyclonedx.org/schema/', '')).not.toMatch(/https?:\/\//);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
