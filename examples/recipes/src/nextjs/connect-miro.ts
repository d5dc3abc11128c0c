import { createHash, randomBytes } from 'node:crypto'
import { isMiroError, NotConnectedError } from '@miro-oauth/core'
import type { Miro } from './miro.js'

/** What a handler knows of its request. */
interface Context extends Miro {
  /** The user of the app who sent it. */
  user: string
  query: URLSearchParams
  headers: Headers
}

type Handler = (request: Request) => Promise<Response>

/**
 * The handlers of `app/miro/[action]/route.ts`.
 *
 * @param app.userOf the id of the user who is signed in to your app, which users cannot choose; `null`: there is none
 * @param app.after Next's own: the function is not frozen while a refresh goes on that its answer did not wait for
 */
export function connectMiro ({ miro, userOf, after }: {
  miro: () => Miro
  userOf: (request: Request) => Promise<string | null>
  after: (work: Promise<void>) => void
}): { GET: Handler, POST: Handler } {
  async function handle (request: Request): Promise<Response> {
    const { pathname, searchParams: query } = new URL(request.url)
    const action = actions[`${request.method} ${pathname.split('/').at(-1)}`]
    if (action === undefined) return refuse(404, 'There is no such page.')
    const user = await userOf(request)
    if (!user) return refuse(401, 'Sign in to the app first.')
    const context = { ...miro(), user, query, headers: request.headers }
    return action(context).catch(toAnswer).finally(() => after(context.auth.drained()))
  }
  return { GET: handle, POST: handle }
}

const actions: Record<string, (context: Context) => Promise<Response>> = {
  'GET login': login, 'GET callback': callback, 'GET boards': boards, 'POST disconnect': disconnect
}

async function login (context: Context): Promise<Response> {
  const { auth, redirectUri } = context
  const state = randomBytes(32).toString('base64url')
  const flows = [toFlow(state, context), ...flowsOf(context)]
  return withFlows(redirect(auth.authorizeUrl({ state, redirectUri })), flows, context)
}

async function callback (context: Context): Promise<Response> {
  const flow = toFlow(context.query.getAll('state').join(), context)
  const flows = flowsOf(context)
  // A state of another browser or another user has no flow here: without this, a stranger's link would connect the
  // stranger's Miro (CSRF).
  if (!flows.includes(flow)) return refuse(400, 'This was not begun in this browser, or is over. Begin again.')
  return withFlows(await exchange(context).catch(toAnswer), flows.filter((other) => other !== flow), context)
}

async function exchange ({ auth, redirectUri, query, user: appUserId }: Context): Promise<Response> {
  const [code, error] = ['code', 'error'].map((name) => query.getAll(name).join())
  if (error === 'access_denied') return redirect('/?miro=declined')
  if (query.has('error') || query.getAll('code').length !== 1 || !code) return refuse(400, 'Miro gave no code.')
  await auth.exchange(code, { redirectUri, appUserId })
  return redirect('/?miro=connected')
}

async function boards ({ auth, user }: Context): Promise<Response> {
  const [newest] = await auth.clientsOf(user)
  if (newest === undefined) throw new NotConnectedError()
  return answer(200, await newest.client.boards.list())
}

async function disconnect (context: Context): Promise<Response> {
  if (!isOwnForm(context)) return refuse(400, 'Another site sent this.')
  await context.auth.forget(context.user)
  return redirect('/')
}

/** Browsers say where a form stands; those before 2023, and all of them on plain http, only by `Origin`. */
function isOwnForm ({ headers, redirectUri }: Context): boolean {
  const { origin } = new URL(redirectUri)
  const site = headers.get('sec-fetch-site')
  return site === null ? (headers.get('origin') ?? origin) === origin : site === 'same-origin'
}

/** What the cookie holds of a flow: how long it takes to compare a hash tells nothing of the state. */
function toFlow (state: string, { user }: Context): string {
  return createHash('sha256').update(`${state} ${user}`).digest('base64url')
}

/** A flow for each tab; with more than these, proxies would refuse the browser's Cookie header. */
const mostFlows = 5

function flowsOf ({ headers, redirectUri }: Context): string[] {
  const begin = `${cookieName(redirectUri)}=`
  const found = headers.get('cookie')?.split('; ').find((pair) => pair.startsWith(begin))
  return found?.slice(begin.length).split('.').slice(0, mostFlows) ?? []
}

function withFlows (response: Response, flows: string[], { redirectUri }: Context): Response {
  const name = cookieName(redirectUri)
  const cookie = `${name}=${flows.slice(0, mostFlows).join('.')}; Max-Age=${flows.length === 0 ? 0 : 600}`
  const secure = name.startsWith('__Host-') ? '; Secure' : ''
  response.headers.set('set-cookie', `${cookie}; Path=/; HttpOnly; SameSite=Lax${secure}`)
  return response
}

function cookieName (redirectUri: string): string {
  return redirectUri.startsWith('https:') ? '__Host-miro-flow' : 'miro-flow'
}

/** A URL may hold a code: no cache and no `Referer` takes it along. */
const always = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }

function answer (status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { ...headers, ...always } })
}

function redirect (location: string): Response {
  return new Response(null, { status: 303, headers: { location, ...always } })
}

function refuse (status: number, message: string): Response {
  return answer(status, { code: 'REFUSED', message })
}

/** An error without a code is the app's own: Next answers it. */
function toAnswer (error: unknown): Response {
  if (!isMiroError(error)) throw error
  const { statusCode, headers, code, message } = error
  if (statusCode >= 500) console.error(error)
  return answer(statusCode, { code, message }, headers)
}
