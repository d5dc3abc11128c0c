import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import t from 'tap'
import { packAll } from './fixtures/pack.js'
import { expectedFiles, listFiles, mapsWithoutSources } from './fixtures/package-files.js'
import { root } from './fixtures/pnpm.js'

const { packages } = await packAll()

t.test('packages: every folder of packages/ is published', async (t) => {
  const names = packages.map(({ name }) => name.replace('@miro-oauth/', ''))
  t.same(names.sort(), (await readdir(join(root, 'packages'))).sort())
})

for (const packed of packages) {
  const { name, source, folder, tarball, manifest } = packed

  t.test(`${name}: its tarball holds what its sources compile to, with its README and licence, and nothing else`, async (t) => {
    const [actual, expected] = [new Set(await listFiles(folder)), new Set(await expectedFiles(packed))]
    t.same(Array.from(actual).filter((file) => !expected.has(file)), [], 'it holds nothing else')
    t.same(Array.from(expected).filter((file) => !actual.has(file)), [], 'nothing is missing')
    t.same(await mapsWithoutSources(folder), [])
    t.equal(await readFile(join(folder, 'LICENSE'), 'utf8'), await readFile(join(root, 'LICENSE'), 'utf8'))
  })

  t.test(`${name}: its package.json says where it comes from and what it needs`, async (t) => {
    const directory = `packages/${name.replace('@miro-oauth/', '')}`
    const { repository } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    const page = String(repository.url).replace(/^git\+(.*)\.git$/, '$1')
    t.match(manifest, {
      description: /\w/,
      license: 'MIT',
      homepage: `${page}/tree/main/${directory}#readme`,
      repository: { type: 'git', url: repository.url, directory },
      bugs: { url: `${page}/issues` },
      engines: { node: '>=20.19.0' },
      publishConfig: { access: 'public', provenance: true }
    })
    t.ok(manifest.keywords.includes('miro'))
    t.ok(source.endsWith(directory))
    t.notMatch(Object.values({ ...manifest.dependencies, ...manifest.peerDependencies }).join(), /workspace:|catalog:/)
  })

  t.test(`${name}: publint finds nothing`, async (t) => {
    const data = await readFile(tarball)
    const { messages } = await publint({ pack: { tarball: new Uint8Array(data).buffer } })
    t.same(messages, [])
  })

  t.test(`${name}: every entry has types that fit, under every moduleResolution`, async (t) => {
    const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(await readFile(tarball))))
    // The packages are ESM only: CommonJS gets them by `require()`, which Node allows from 20.19 on, or by `import()`.
    const isByDesign = ({ kind, resolutionKind }: { kind: string, resolutionKind?: string }) =>
      kind === 'CJSResolvesToESM' && resolutionKind === 'node16-cjs'
    t.same('problems' in analysis ? analysis.problems.filter((problem) => !isByDesign(problem)) : analysis, [])
  })
}
