import type { FastifyInstance, FastifyReply } from 'fastify'
import type { People } from './people.js'

const credentials = {
  type: 'object',
  required: ['login', 'password'],
  properties: { login: { type: 'string', maxLength: 100 }, password: { type: 'string', maxLength: 200 } }
}

/** The app's own login. Miro has no part in it. */
export async function loginPages (app: FastifyInstance, { people, demoPassword }: {
  people: People
  demoPassword: string | null
}): Promise<void> {
  function showLogin (reply: FastifyReply, problem: string | null): FastifyReply {
    return reply.view('login', { title: 'Log in', demoPassword, problem })
  }

  app.get('/login', (request, reply) => {
    return request.person === null ? showLogin(reply, null) : reply.redirect('/', 303)
  })

  app.post<{ Body: { login: string, password: string } }>('/login', {
    // Login CSRF: another site could log this browser in as a user of its own, and the visitor would then connect a
    // Miro team to that user.
    onRequest: app.miro.requireSameOrigin,
    attachValidation: true,
    schema: { body: credentials }
  }, async (request, reply) => {
    const person = request.validationError === undefined
      ? await people.signIn(request.body.login, request.body.password)
      : null
    if (person === null) return showLogin(reply.code(401), 'Login or password is wrong.')
    await app.sessions.begin(request, person.id)
    return reply.redirect('/', 303)
  })

  app.post('/logout', { onRequest: app.miro.requireSameOrigin }, async (request, reply) => {
    await app.sessions.end(request, reply)
    return reply.redirect('/login', 303)
  })
}
