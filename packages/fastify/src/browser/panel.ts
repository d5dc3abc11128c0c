// For the browser: a panel's bundle imports it, or the plugin serves the text of the function, which must stand alone.

/** What is used of a page. This package is compiled without the types of a browser. */
declare const location: { href: string, origin: string }
declare const document: { hasFocus: () => boolean }
declare function open (url: string, name: string, features: string): { closed: boolean } | null
declare function addEventListener (type: 'message', listener: (event: PanelMessage) => void): void
declare function removeEventListener (type: 'message', listener: (event: PanelMessage) => void): void

interface PanelMessage {
  origin: string
  source: unknown
  data: { type?: unknown, code: string } | null
}

/** Of `createPanelFetch`. */
export interface PanelFetchOptions {
  /** `() => miro.board.getIdToken()` of Miro's Web SDK. */
  getIdToken: () => Promise<string>
  /** The path of the plugin's route `connect`. Default `/auth/miro/connect`. */
  connectUrl?: string | undefined
}

/** Why {@link PanelFetch.connect} did not end with a grant. */
export interface ConnectFailure extends Error {
  /**
   * `blocked`: the browser opened no window. `closed`: it was closed, or given up. `other-team`: the person chose
   * another team than the board's. `other-user`: in the window they are another Miro user than at the board. A code of
   * the plugin, such as `MIRO_ACCESS_DENIED`: what the window shows.
   */
  code: string
}

/** How the script of a panel asks its own server, where no cookie arrives. */
export interface PanelFetch {
  /**
   * The same as the global `fetch`, with a fresh id token on each request to the page's own origin. One that is refused
   * for its token is repeated once, with another token.
   */
  fetch: typeof fetch
  /**
   * Opens the window in which the person connects; call it in a click, or the browser blocks the window. Resolves when
   * there is a grant.
   *
   * @throws {ConnectFailure}
   */
  connect: () => Promise<void>
}

/**
 * Makes the `fetch` of a page that stands on a board in Miro's iframe, where no cookie arrives.
 *
 * While the window is open, `connect` waits for what the window tells. Once it is closed, `connect` asks the app, three
 * times at most. Miro's pages may cut the window off from the panel: it then looks closed while the person is still
 * there and has the focus, so `connect` goes on asking, ever more rarely, for three minutes.
 */
export function createPanelFetch ({ getIdToken, connectUrl = '/auth/miro/connect' }: PanelFetchOptions): PanelFetch {
  const plain = fetch
  let team: string | undefined
  return { fetch: ask, connect }

  async function ask (input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init)
    if (new URL(request.url).origin !== location.origin) return plain(request)
    const copy = request.clone()
    let reply = await send(request)
    if (reply.headers.has('miro-id-token')) reply = await send(copy)
    connectUrl = reply.headers.get('miro-connect-url') ?? connectUrl
    return reply
  }

  async function send (request: Request): Promise<Response> {
    const { signal, headers } = request
    signal.throwIfAborted()
    const token = await new Promise<string>((resolve, reject) => {
      signal.onabort = () => reject(signal.reason)
      getIdToken().then(resolve, reject)
    })
    const claims = atob(token.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? '')
    team = /"team": *"?(\d+)/.exec(claims)?.[1]
    headers.set('authorization', `Bearer ${token}`)
    return plain(request)
  }

  async function connect (): Promise<void> {
    const url = new URL(connectUrl, location.href)
    if (team && !url.search) url.search = `team_id=${team}`
    const popup = open(url.href, 'miro-connect', 'popup,width=600')
    if (!popup) throw failure('blocked')
    let code = ''
    const hear = ({ origin, source, data }: PanelMessage): void => {
      if (origin === location.origin && source === popup && data?.type === 'miro-connect') code = data.code
    }
    addEventListener('message', hear)
    try {
      url.pathname += '/status'
      for (let ms = 1e3, back = 0; ms < 2e4 && back < 3;) {
        await new Promise((resolve) => setTimeout(resolve, ms))
        const ok = code === 'connected'
        if (!ok && !popup.closed) continue
        const reply = await ask(url, { signal: AbortSignal.timeout(1e4) }).catch(() => null)
        if (reply?.ok) return
        if (ok && reply?.headers.has('miro-connect-url')) throw failure('other-user')
        if (!ok && (code || document.hasFocus())) back++
        ms *= 1.1
      }
      throw failure(code.replace('connected', '') || 'closed')
    } finally {
      removeEventListener('message', hear)
    }
  }

  function failure (code: string): ConnectFailure {
    return Object.assign(new Error(code), { code })
  }
}
