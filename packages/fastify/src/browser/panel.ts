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
  data: { type?: unknown, code?: unknown } | null
}

export interface PanelFetchOptions {
  /** `() => miro.board.getIdToken()` of Miro's Web SDK. */
  getIdToken: () => Promise<string>
  /** The path of the plugin's route `connect`. Default `/auth/miro/connect`. */
  connectUrl?: string
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
 * there and has the focus, so `connect` goes on asking, for as long as a flow may take.
 */
export function createPanelFetch ({ getIdToken, connectUrl = '/auth/miro/connect' }: PanelFetchOptions): PanelFetch {
  return { fetch: panelFetch, connect }

  async function panelFetch (input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init)
    if (new URL(request.url).origin !== location.origin) return fetch(request)
    const again = request.clone()
    let answer = await send(request)
    if (answer.headers.get('miro-id-token') === 'retry') answer = await send(again)
    connectUrl = answer.headers.get('miro-connect-url') ?? connectUrl
    return answer
  }

  async function send (request: Request): Promise<Response> {
    request.headers.set('authorization', `Bearer ${await getIdToken()}`)
    return fetch(request)
  }

  async function connect (): Promise<void> {
    const url = new URL(connectUrl, location.href)
    const popup = open(url.href, 'miro-connect', 'popup,width=600,height=800')
    if (popup === null) throw failure('blocked')
    let code = ''
    let hear = (): void => {}
    const listener = ({ origin, source, data }: PanelMessage): void => {
      if (origin !== location.origin || source !== popup || data?.type !== 'miro-connect') return
      code = String(data.code)
      hear()
    }
    addEventListener('message', listener)
    try {
      url.pathname += '/status'
      for (let time = 0, asked = 0; time < 600 && asked < 3; time++) {
        await new Promise<void>((resolve) => { hear = resolve; setTimeout(resolve, 1000) })
        if (code !== 'connected' && !popup.closed) continue
        if ((await panelFetch(url).catch(() => null))?.ok) return
        if (code === 'connected') throw failure('other-user')
        if (code !== '' || document.hasFocus()) asked++
      }
      throw failure(code || 'closed')
    } finally {
      removeEventListener('message', listener)
    }
  }

  function failure (code: string): ConnectFailure {
    return Object.assign(new Error(code), { code })
  }
}
