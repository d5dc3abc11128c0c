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
  function showLogin (reply: FastifyReply, problem: string | null, login: string | null = null): FastifyReply {
    return reply.view('login', { title: 'Log in', demoPassword, problem, login })
  }

  app.get('/login', (request, reply) => {
    return request.person === null ? showLogin(reply, null) : reply.redirect('/', 303)
  })

  // A browser that keeps no cookie would see the login again, without a word.
  app.get('/login/done', (request, reply) => {
    if (request.person !== null) return reply.redirect('/', 303)
    return showLogin(reply.code(400), 'Your browser did not keep the login. Allow cookies for this site, and log in again.')
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
    if (person === null) return showLogin(reply.code(401), 'Login or password is wrong.', loginIn(request.body))
    await app.sessions.begin(request, person.id)
    return reply.redirect('/login/done', 303)
  })

  app.post('/logout', { onRequest: app.miro.requireSameOrigin }, async (request, reply) => {
    await app.sessions.end(request, reply)
    return reply.redirect('/login', 303)
  })
}

/** What was typed, to be mended. The body may be of any form, since its check failed or was right. */
function loginIn (body: { login?: unknown } | null | undefined): string {
  return typeof body?.login === 'string' ? body.login.slice(0, 100) : ''
}
