import { chmod, readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { openCopy } from '../src/open-copy.js'

t.test('a closed package is copied once, links included, to where every user may run it', async (t) => {
  const folder = t.testdir({
    'linux-x64': { 'package.json': '{"version":"18.0.0"}', bin: { program: 'a program' }, lib: { 'one.so.1': 'a library', 'one.so': t.fixture('symlink', 'one.so.1') } },
    open: {}
  })
  const original = join(folder, 'linux-x64')
  await chmod(join(original, 'bin', 'program'), 0o700)
  await chmod(join(original, 'bin'), 0o700)
  const into = join(folder, 'open')

  const copies = await Promise.all(Array.from({ length: 5 }, () => openCopy(original, into)))
  t.strictSame(await readdir(into), ['miro-postgres-linux-x64-18.0.0'], 'no draft is left')
  const copy = join(into, 'miro-postgres-linux-x64-18.0.0')
  t.strictSame(new Set(copies), new Set([copy]))
  for (const name of ['', 'bin', 'bin/program']) t.equal((await stat(join(copy, name))).mode & 0o777, 0o755, name)
  t.equal(await readlink(join(copy, 'lib', 'one.so')), 'one.so.1')

  await writeFile(join(original, 'bin', 'program'), 'changed')
  await openCopy(original, into)
  t.equal(await readFile(join(copy, 'bin', 'program'), 'utf8'), 'a program', 'the copy is kept')
})

t.test('a copy that another user could have made is refused', { skip: process.getuid === undefined }, async (t) => {
  const folder = t.testdir({ 'linux-x64': { 'package.json': '{"version":"18.0.0"}' }, open: { 'miro-postgres-linux-x64-18.0.0': 'not a folder' } })
  await t.rejects(openCopy(join(folder, 'linux-x64'), join(folder, 'open')), /miro-postgres-linux-x64-18\.0\.0 belongs to another user/)
  t.strictSame(await readdir(join(folder, 'open')), ['miro-postgres-linux-x64-18.0.0'])
})
