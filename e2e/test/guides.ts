import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fastifyMiro } from '@miro-oauth/fastify'
import * as miroApi from '@mirohq/miro-api'
import Fastify from 'fastify'
import t, { type Test } from 'tap'

/** What they export whose methods the guide leaves out, and says so. */
const leftOut = /^(Organization|Team|DataClassification|BoardDataClassification|MiroLowlevelApi)/

function readGuide (name: string): string {
  return readFileSync(resolve('../docs', name), 'utf8')
}

/** The methods of a class, inherited ones included. */
function methodsOf ({ prototype }: { prototype: object }): string[] {
  const names: string[] = []
  for (let level = prototype; level !== Object.prototype; level = Object.getPrototypeOf(level) as object) {
    names.push(...Object.getOwnPropertyNames(level).filter((name) => name !== 'constructor'))
  }
  return names
}

function isClass (value: unknown): value is { prototype: object } {
  return typeof value === 'function'
}

/** Every member of ours that a guide names outside of its blocks, such as `miro.board(id).shapes.create`. */
function membersIn (guide: string): string[] {
  const spans = guide.replaceAll(/^```.*?^```/gms, '').matchAll(/`([^`]+)`/g)
  return Array.from(spans, ([, span = '']) => span).flatMap((span) => {
    return span.match(/(?<![\w.])(?:app\.miro|request\.miro|miro|auth)(?:\.\w+(?:\(id\))?)+/g) ?? []
  })
}

/** The objects of an app that the guides speak of: `app.miro`, its `auth`, and the `request.miro` of a request. */
async function startRoots (t: Test): Promise<Record<'app' | 'request' | 'auth', unknown>> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(fastifyMiro, {
    clientId: '1',
    clientSecret: 'a-secret',
    redirectUri: 'http://localhost:3000/callback',
    cookieSecret: 'a secret of the tests, and of nothing else'
  })
  let request: unknown
  app.get('/', async ({ miro }) => {
    request = miro
    return 'kept'
  })
  await app.inject('/')
  return { app: app.miro, request, auth: app.miro.auth }
}

/** What stands at the end of a member's path, or `undefined`. */
function follow (roots: Record<'app' | 'request' | 'auth', unknown>, member: string): unknown {
  const root = member.startsWith('app.') ? roots.app : member.startsWith('auth.') ? roots.auth : roots.request
  const steps = member.replace(/^(?:app\.|request\.)?\w+\./, '').split('.')
  return steps.reduce<unknown>((value, step) => {
    if (value === undefined || value === null) return undefined
    const found: unknown = Reflect.get(Object(value), step.replace('(id)', ''))
    return step === 'board(id)' && typeof found === 'function' ? found('id') : found
  }, root)
}

t.test('guides: from-miro-api.md names every method of Miro\'s client', async (t) => {
  const guide = readGuide('from-miro-api.md')
  const classes = Object.entries<unknown>(miroApi).filter(([name]) => !leftOut.test(name)).map(([, value]) => value)
  const methods = new Set(classes.filter(isClass).flatMap(methodsOf))
  methods.delete('refreshAccessToken')
  t.ok(methods.size > 50)
  t.same([...methods].filter((name) => !new RegExp(`\\b${name}\\b`).test(guide)), [], 'none is missing')
})

for (const name of ['from-miro-api.md', 'from-fastify-oauth2.md']) {
  t.test(`guides: every member of ours that ${name} names is there`, async (t) => {
    const roots = await startRoots(t)
    const members = membersIn(readGuide(name))
    t.ok(members.length >= 5)
    t.same(members.filter((member) => follow(roots, member) === undefined), [])
  })
}
