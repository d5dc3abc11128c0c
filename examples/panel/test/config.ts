import { startFailureLine } from '@miro-oauth/example-shared'
import t from 'tap'
import { buildApp } from '../src/app.js'
import { readConfig } from '../src/config.js'
import { forMiro } from './fixtures/for-miro.js'

t.test('config: an empty ONLY_TEAM admits every team, and a wrong variable is named', async (t) => {
  t.equal(readConfig({ ONLY_TEAM: '' }).onlyTeam, null)
  t.equal(readConfig({ ONLY_TEAM: '3458764530000000003' }).onlyTeam, '3458764530000000003')
  const { miro } = readConfig({ ...forMiro, MIRO_REDIRECT_URI: 'planted' })
  if (miro === null) throw new Error('These variables name a Miro app.')
  const error = await buildApp({ miro }).catch((error: unknown) => error)
  t.equal(startFailureLine(error), 'MIRO_REDIRECT_URI must be an absolute URL.')
})
