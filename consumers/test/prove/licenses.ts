import t from 'tap'
import { pnpm } from '../fixtures/pnpm.js'

/** Licences that ask for no more than their text and a name, as ours does. */
const accepted = new Set(['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'BlueOak-1.0.0'])

t.test('licences: what the packages bring along has one of the accepted licences', async (t) => {
  const byLicence = JSON.parse(await pnpm(['--filter', './packages/*', 'licenses', 'list', '--prod', '--json'])) as
    Record<string, Array<{ name: string }>>
  const names = Object.values(byLicence).flat().map(({ name }) => name)
  for (const name of ['jose', 'lossless-json', '@fastify/oauth2', 'eta']) t.ok(names.includes(name), name)
  t.same(Object.entries(byLicence).filter(([licence]) => !isAccepted(licence)), [])
})

/** Of licences to choose from, one is enough. */
function isAccepted (licence: string): boolean {
  return licence.replace(/^\((.*)\)$/, '$1').split(' OR ').some((choice) => accepted.has(choice))
}
