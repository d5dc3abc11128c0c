import { Agent, request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

/** A browser as far as a sign-in needs one: it keeps cookies, and says that it navigates. */
export class Browser {
  readonly #cookies = new Map<string, string>()
  readonly #port: number
  readonly #agent: Agent

  /** @param agent keeps connections open from one browser to the next */
  constructor (port: number, agent: Agent) {
    this.#port = port
    this.#agent = agent
  }

  /**
   * Goes to a page of the app. Returns its status and where it redirects to.
   *
   * @param onAnswer called when the headers of the answer have come, in the same turn of the event loop
   */
  async go (path: string, onAnswer = (): void => {}): Promise<{ status: number, location: string, body: string }> {
    const response = await this.#send(path, onAnswer)
    for (const line of response.headers['set-cookie'] ?? []) this.#keep(line)
    return { status: response.statusCode ?? 0, location: response.headers.location ?? '', body: await text(response) }
  }

  #send (path: string, onAnswer: () => void): Promise<IncomingMessage> {
    const cookie = Array.from(this.#cookies, ([name, value]) => `${name}=${value}`).join('; ')
    return new Promise((resolve, reject) => {
      request({
        host: '127.0.0.1',
        port: this.#port,
        path,
        agent: this.#agent,
        headers: {
          // The host of the apps' redirect URI.
          host: 'localhost:3000',
          accept: 'text/html',
          'sec-fetch-mode': 'navigate',
          'sec-fetch-dest': 'document',
          ...cookie === '' ? {} : { cookie }
        }
      }, (response) => {
        onAnswer()
        resolve(response)
      }).once('error', reject).end()
    })
  }

  #keep (line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (/;\s*max-age=0\b/i.test(line) || value === '') this.#cookies.delete(name)
    else this.#cookies.set(name, value)
  }
}
