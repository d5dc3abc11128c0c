import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { People, Person } from './people.js'
import { requireSameOrigin } from './same-origin.js'
import type { Sessions } from './session.js'

const credentials = {
  type: 'object',
  required: ['login', 'password'],
  properties: { login: { type: 'string', maxLength: 100 }, password: { type: 'string', maxLength: 200 } }
}

/** The app's own login. Miro has no part in it. */
export function registerLoginPages (app: FastifyInstance, { origin, people, personOf, sessions, demoPassword }: {
  origin: string
  people: People
  personOf: (request: FastifyRequest) => Person | null
  sessions: Sessions
  /** Shown on the page, so that the example can be tried. */
  demoPassword: string | null
}): void {
  function showLogin (reply: FastifyReply, problem: string | null): FastifyReply {
    return reply.view('login', { title: 'Log in', demoPassword, problem })
  }

  app.get('/login', (request, reply) => {
    return personOf(request) === null ? showLogin(reply, null) : reply.redirect('/', 303)
  })

  app.post<{ Body: { login: string, password: string } }>('/login', { attachValidation: true, schema: { body: credentials } }, async (request, reply) => {
    // Another site could log this browser in as its own user, whom the visitor's Miro team would then be connected to.
    requireSameOrigin(request, origin)
    const { login, password } = request.body
    const person = request.validationError === undefined ? await people.signIn(login, password) : null
    if (person === null) return showLogin(reply.code(401), 'Login or password is wrong.')
    await sessions.begin(request, person.id)
    return reply.redirect('/', 303)
  })

  app.post('/logout', async (request, reply) => {
    requireSameOrigin(request, origin)
    await sessions.end(request, reply)
    return reply.redirect('/login', 303)
  })
}
