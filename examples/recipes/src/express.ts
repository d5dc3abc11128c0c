import { createHash, randomBytes } from 'node:crypto'
import { isMiroError, NotConnectedError, type MiroAuth } from '@miro-oauth/core'
import { Router, type ErrorRequestHandler, type Request, type Response } from 'express'

/**
 * Routes to connect Miro and to use it, for `app.use('/miro', connectMiro({ … }))`.
 *
 * @param app.redirectUri that of `/miro/callback`, identical in Miro's app settings
 * @param app.userOf the id of the user who is signed in to your app, which users cannot choose; `null`: there is none
 */
export function connectMiro ({ auth, redirectUri, userOf }: {
  auth: MiroAuth
  redirectUri: string
  userOf: (request: Request) => string | null
}): Router {
  const secure = redirectUri.startsWith('https:')
  const name = secure ? '__Host-miro-flow' : 'miro-flow'
  const cookie = { httpOnly: true, sameSite: 'lax', secure, path: '/' } as const
  // A flow for each tab; with more than these, proxies would refuse the browser's Cookie header.
  const mostFlows = 5
  const flowsOf = ({ headers }: Request): string[] => {
    const found = headers.cookie?.split('; ').find((pair) => pair.startsWith(`${name}=`))
    return found?.slice(name.length + 1).split('.').slice(0, mostFlows) ?? []
  }
  const keepFlows = (response: Response, flows: string[]): void => {
    response.cookie(name, flows.slice(0, mostFlows).join('.'), { ...cookie, maxAge: flows.length === 0 ? 0 : 600_000 })
  }
  const { origin } = new URL(redirectUri)
  // Browsers say where a form stands; those before 2023, and all of them on plain http, only by Origin. Other clients
  // send no cookie by themselves.
  const isOwnForm = (request: Request): boolean => {
    const site = request.get('Sec-Fetch-Site')
    return site === undefined ? (request.get('Origin') ?? origin) === origin : site === 'same-origin'
  }
  const requireUser = (request: Request): string => {
    const user = userOf(request)
    if (!user) throw Object.assign(new Error('Sign in to the app first.'), { status: 401 })
    return user
  }
  return Router()
    .use((_request, response, next) => {
      response.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' })
      next()
    })
    // Else GET's handlers answer it too, and spend a code without a person.
    .head(['/login', '/callback'], (_request, response) => { response.set('Allow', 'GET').sendStatus(405) })
    .get('/login', (request, response) => {
      const state = randomBytes(32).toString('base64url')
      keepFlows(response, [hashOf(state, requireUser(request)), ...flowsOf(request)])
      response.redirect(303, auth.authorizeUrl({ state, redirectUri }))
    })
    .get('/callback', async (request, response) => {
      const { state, code, error } = request.query
      const appUserId = requireUser(request)
      // Only the browser and user of the login have this flow: a stranger's link connects no stranger's Miro (CSRF).
      const flow = hashOf(typeof state === 'string' ? state : '', appUserId)
      const flows = flowsOf(request)
      if (!flows.includes(flow)) return refuse(response)
      keepFlows(response, flows.filter((other) => other !== flow))
      if (error === 'access_denied') return response.redirect(303, '/?miro=declined')
      if (error !== undefined || typeof code !== 'string' || code === '') return refuse(response)
      await auth.exchange(code, { redirectUri, appUserId })
      response.redirect(303, '/?miro=connected')
    })
    .get('/boards', async (request, response) => {
      const [newest] = await auth.clientsOf(requireUser(request))
      if (newest === undefined) throw new NotConnectedError()
      response.json(await newest.client.boards.list())
    })
    .post('/disconnect', async (request, response) => {
      if (!isOwnForm(request)) return refuse(response)
      await auth.forget(requireUser(request))
      response.redirect(303, '/')
    })
    .use(answerMiroError)
}

/** What the cookie holds: how long it takes to compare a hash tells nothing of the state. */
function hashOf (state: string, user: string): string {
  return createHash('sha256').update(`${state} ${user}`).digest('base64url')
}

function refuse (response: Response): void {
  response.status(400).json({ message: 'This was begun elsewhere, or is over. Begin again.' })
}

const answerMiroError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (!isMiroError(error) || response.headersSent) return next(error)
  if (error.statusCode >= 500) console.error(error)
  response.status(error.statusCode).set(error.headers ?? {}).json({ code: error.code, message: error.message })
}
