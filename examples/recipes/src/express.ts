import { createHash, randomBytes } from 'node:crypto'
import { isMiroError, NotConnectedError, type MiroAuth } from '@miro-oauth/core'
import { Router, type ErrorRequestHandler, type Request } from 'express'

/**
 * Routes to connect Miro and to use it: `app.use('/miro', connectMiro({ … }))`.
 *
 * @param app.redirectUri that of `/miro/callback`, identical in Miro's app settings
 * @param app.userOf the id of the user who is signed in to your app, which users cannot choose; `null`: there is none
 */
export function connectMiro ({ auth, redirectUri, userOf }: {
  auth: MiroAuth
  redirectUri: string
  userOf: (request: Request) => string | null | Promise<string | null>
}): Router {
  const secure = redirectUri.startsWith('https:')
  const cookieName = secure ? '__Host-miro-flow' : 'miro-flow'
  const cookie = { httpOnly: true, sameSite: 'lax', secure, path: '/' } as const
  const requireUser = async (request: Request): Promise<string> => {
    return await userOf(request) ?? refuse(401, 'Sign in to the app first.')
  }

  return Router()
    .use((_request, response, next) => {
      response.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' })
      next()
    })
    .get('/login', async (request, response) => {
      const state = randomBytes(32).toString('base64url')
      response.cookie(cookieName, toFlow(state, await requireUser(request)), { ...cookie, maxAge: 600_000 })
      response.redirect(303, auth.authorizeUrl({ state, redirectUri }))
    })
    .get('/callback', async (request, response) => {
      const { state, code, error } = request.query
      const user = await requireUser(request)
      // A state of another browser or another user has no cookie here: without this, a stranger's link would connect
      // the stranger's Miro (CSRF). A parameter that came twice is an array.
      const flow = typeof state === 'string' && `${cookieName}=${toFlow(state, user)}`
      const isOurs = flow !== false && request.headers.cookie?.split('; ').includes(flow) === true
      if (!isOurs) return refuse(400, 'This was not begun in this browser, or is over. Begin again.')
      response.clearCookie(cookieName, cookie)
      if (error === 'access_denied') return response.redirect(303, '/?miro=declined')
      if (error !== undefined || typeof code !== 'string' || code === '') return refuse(400, 'Miro gave no code.')
      await auth.exchange(code, { redirectUri, appUserId: user })
      response.redirect(303, '/?miro=connected')
    })
    .get('/boards', async (request, response) => {
      const [newest] = await auth.clientsOf(await requireUser(request))
      if (newest === undefined) throw new NotConnectedError()
      response.json(await newest.client.boards.list())
    })
    .post('/disconnect', async (request, response) => {
      if ((request.get('Sec-Fetch-Site') ?? 'same-origin') !== 'same-origin') refuse(403, 'Another site sent this.')
      await auth.forget(await requireUser(request))
      response.redirect(303, '/')
    })
    .use(answerError)
}

/** What the cookie of a flow holds: a hash, so that how long it takes to compare it tells nothing of the state. */
function toFlow (state: string, user: string): string {
  return createHash('sha256').update(`${state} ${user}`).digest('base64url')
}

/** What these routes refuse themselves. */
class Refusal extends Error {
  readonly code = 'REFUSED'
  readonly headers = {}
  constructor (readonly statusCode: number, message: string) {
    super(message)
  }
}

function refuse (statusCode: number, message: string): never {
  throw new Refusal(statusCode, message)
}

/** Express's own handler would take the headers away, with the one that clears the cookie. */
const answerError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent || !(isMiroError(error) || error instanceof Refusal)) return next(error)
  const { statusCode, headers = {}, code, message } = error
  response.status(statusCode).set(headers).json({ code, message })
}
