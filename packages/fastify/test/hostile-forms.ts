import t from 'tap'
import { signInAs } from '../src/testing/index.js'
import { fuzzArguments } from './fixtures/fuzz/arguments.js'
import { createFuzzWorld } from './fixtures/fuzz/fuzz-world.js'
import { hostileName, hostileValue, marker } from './fixtures/fuzz/hostile-text.js'
import { Random } from './fixtures/random.js'

t.setTimeout(300_000)
const { runs: callbacks, seed } = fuzzArguments({ runs: 25_000, seed: 'random' })
// One for every hundred callbacks of the fuzz.
const runs = callbacks / 100
const [mine, another, theirs] = [{ userId: '11', teamId: '21' }, { userId: '11', teamId: '22' }, { userId: '12', teamId: '22' }]

/** Fields of a form or query: the names that matter among those that do not, with ids of one's own and of others. */
function fieldsOf (random: Random): string {
  if (random.chance(0.4)) return `user_id=11&team_id=${random.pick(['21', '22'])}`
  const fields = Array.from({ length: random.below(5) }, () => {
    const name = random.chance(0.7) ? random.pick(['user_id', 'team_id'] as const) : hostileName(random)
    const value = random.chance(0.6) ? random.pick(['11', '12', '21', '22'] as const) : hostileValue(random)
    return `${name}=${value}`
  })
  if (random.chance(0.05)) fields.push(`x=${'x'.repeat(20_000)}`)
  return fields.join(random.chance(0.9) ? '&' : random.pick(['&&', ';', '\n', '\u0000'] as const))
}

/** Whether every field that names something, in the query and the form, names this grant. */
function isNamedIn (places: readonly string[], { userId, teamId }: typeof mine): boolean {
  const fields = places.flatMap((text) => Array.from(new URLSearchParams(text)))
  return Object.entries({ user_id: userId, team_id: teamId }).every(([name, id]) => {
    const values = fields.filter(([other]) => other === name).map(([, value]) => value)
    return values.length > 0 && values.every((value) => value === id)
  })
}

t.test(`disconnect: ${runs} hostile forms end only grants of the user, and only the one that they name`, { timeout: 0 }, async (t) => {
  t.comment(`seed ${seed}`)
  const random = new Random(seed)
  const { app } = await createFuzzWorld(t, 'connect')
  const isActive = async (ref: typeof mine): Promise<boolean> => (await app.miro.auth.snapshot(ref)).grant !== null
  let ended = 0
  for (const ref of [mine, another]) await signInAs(app, { ...ref, appUserId: 'ann' })
  await signInAs(app, { ...theirs, appUserId: 'bob' })
  for (let sent = 0; sent < runs; sent++) {
    const [query, form] = [random.chance(0.3) ? encodeURI(fieldsOf(random)) : '', fieldsOf(random)]
    const type = random.pick(['application/x-www-form-urlencoded', 'application/x-www-form-urlencoded', 'application/json', 'nothing', 'text/plain', ''] as const)
    const answer = await app.inject({
      method: 'POST',
      url: `/auth/miro/disconnect?${query}`,
      headers: { cookie: 'user=ann', origin: 'http://localhost:3000', 'content-type': type },
      payload: form
    })
    const said = JSON.stringify({ query, form: form.slice(0, 200), type, status: answer.statusCode, body: answer.body })
    if (answer.statusCode >= 500) t.fail(`a 5xx: ${said}`)
    if ((answer.body + JSON.stringify(answer.headers)).includes(marker)) t.fail(`an echo: ${said}`)
    if (!await isActive(theirs)) t.fail(`somebody else's grant ended: ${said}`)
    for (const ref of [mine, another]) {
      if (await isActive(ref)) continue
      ended++
      if (form !== '' && type !== '' && !type.includes('form')) t.fail(`a body that cannot be read ended a grant: ${said}`)
      if (!isNamedIn([new URL(`http://localhost/?${query}`).search, form], ref)) t.fail(`another grant ended than the one that was named: ${said}`)
      await signInAs(app, { ...ref, appUserId: 'ann' })
    }
    if (!t.passing()) break
  }
  t.ok(ended > runs / 20, `${ended} were ended, as they were named`)
})
