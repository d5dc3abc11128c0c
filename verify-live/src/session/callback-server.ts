import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/** A long `state` comes back in the request line. */
const maxHeaderSize = 128 * 1_024
const linkPath = '/verify-live/'

type Handler = (parameters: URLSearchParams) => boolean

/** Answers the redirect URI, and leads from short addresses, which fit a terminal, to Miro's authorize page. */
export class CallbackServer {
  readonly #redirectUri: URL
  readonly #server: Server
  readonly #links: string[] = []
  #onCallback: Handler = () => false

  private constructor (redirectUri: string) {
    this.#redirectUri = new URL(redirectUri)
    this.#server = createServer({ maxHeaderSize }, (request, response) => { this.#answer(request, response) })
  }

  /** @throws the system's error, if the port is taken */
  static async listen (redirectUri: string): Promise<CallbackServer> {
    const callbacks = new CallbackServer(redirectUri)
    const { hostname, port } = callbacks.#redirectUri
    callbacks.#server.listen(Number(port || 80), hostname.replace(/^\[|\]$/g, ''))
    await once(callbacks.#server, 'listening')
    return callbacks
  }

  /** A short address that redirects to `target`. */
  shorten (target: URL): string {
    this.#links.push(target.href)
    return `${this.#redirectUri.origin}${linkPath}${this.#links.length}`
  }

  /** The next callback that `isExpected` takes. A later call replaces an earlier one, which then never resolves. */
  next (isExpected: Handler): Promise<URLSearchParams> {
    return new Promise((resolve) => {
      this.#onCallback = (parameters) => {
        if (!isExpected(parameters)) return false
        this.#onCallback = () => false
        resolve(parameters)
        return true
      }
    })
  }

  async close (): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  /** What other programs of the machine send, such as `//`, need not be a URL, and must not end the run. */
  #parse (target: string): URL {
    return new URL(URL.canParse(target, this.#redirectUri.href) ? target : '/', this.#redirectUri)
  }

  #answer (request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = this.#parse(request.url ?? '/')
    // The query of the callback holds a code: nothing may keep the page, or be told its address.
    response.setHeader('cache-control', 'no-store').setHeader('referrer-policy', 'no-referrer')
    const link = pathname.startsWith(linkPath) ? this.#links[Number(pathname.slice(linkPath.length)) - 1] : undefined
    if (link !== undefined) {
      response.writeHead(302, { location: link }).end()
      return
    }
    if (pathname !== this.#redirectUri.pathname) return sendText(response, 404, 'There is nothing here.')
    if (this.#onCallback(searchParams)) return sendText(response, 200, 'Thank you. Please go back to the terminal.')
    sendText(response, 400, 'This is not the answer that the script waits for.')
  }
}

function sendText (response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text)
}
