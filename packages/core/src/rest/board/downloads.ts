import type { Clock } from '../../clock.js'
import { withDeadline } from '../../deadline.js'
import { ApiError, BadResponseError, ConfigError, MiroError, UnavailableError } from '../../errors.js'
import type { Fetch } from '../../wire/fetch.js'
import { isJsonObject } from '../../wire/lossless-json.js'
import { BodyTooLongError, readBytes } from '../../wire/read-text.js'
import { redactError } from '../../wire/redact-error.js'
import type { ApiJson } from '../api-json.js'
import type { ApiLimits } from '../api-limits.js'
import type { CallOptions } from '../json-request.js'

/** A file of a board. */
export interface Download {
  bytes: Uint8Array<ArrayBuffer>
  /** As the server of the file says; `null`: it does not. */
  contentType: string | null
}

/** What downloads are made of. */
export interface DownloadParts {
  apiUrl: string
  /** Without a token. */
  fetch: Fetch
  clock: Clock
  limits: Pick<ApiLimits, 'callMs' | 'responseBytes'>
}

/** Fetches files in Miro's two steps. */
export class Downloads {
  readonly #json: ApiJson
  readonly #parts: DownloadParts

  constructor (json: ApiJson, parts: DownloadParts) {
    this.#json = json
    this.#parts = parts
  }

  /**
   * @param resourceUrl `imageUrl` or `documentUrl` of an item
   * @throws {BadResponseError | ApiError | UnavailableError}
   * @throws {ConfigError} `maxBytes` is no number of bytes
   * @see https://developers.miro.com/changelog/2022-09-09-changelog
   */
  async fetchResource (
    resourceUrl: unknown, query: Record<string, string>, options: CallOptions & { maxBytes?: number | undefined }
  ): Promise<Download> {
    const { apiUrl, limits } = this.#parts
    const { signal, maxBytes = limits.responseBytes } = options
    if (!(Number.isFinite(maxBytes) && maxBytes > 0)) throw new ConfigError('maxBytes must be a number of bytes.')
    const target = toResourcePath(resourceUrl, apiUrl, { ...query, redirect: 'false' })
    const template = '/v2/boards/{board_id}/resources/{resource_id}'
    const resource = await this.#json(target, { template, isObject: true, signal })
    const url = toFileUrl(isJsonObject(resource) ? resource['url'] : null, apiUrl)
    return this.#fetchFile(url, { signal, maxBytes })
  }

  /** The second step. The address is a secret of its own for a minute, so that no error quotes it. */
  async #fetchFile (url: string, { signal, maxBytes }: {
    signal: AbortSignal | undefined
    maxBytes: number
  }): Promise<Download> {
    const { fetch, clock, limits: { callMs: ms } } = this.#parts
    const ended = new AbortController()
    const late = (): UnavailableError => new UnavailableError({ cause: new Error(`The file did not come within ${ms} ms.`) })
    const work = async (): Promise<Download> => {
      const response = await fetch(url, { redirect: 'error', signal: ended.signal })
      if (!response.ok) throw new ApiError(response.status, { method: 'GET', template: 'the file' })
      const bytes = await readBytes(response, { signal: ended.signal, maxBytes })
      return { bytes, contentType: response.headers.get('content-type') }
    }
    try {
      return await withDeadline(work(), { clock, ms, signal, late })
    } catch (error) {
      ended.abort(error)
      if (error instanceof MiroError || signal?.aborted === true) throw error
      if (error instanceof BodyTooLongError) throw new BadResponseError(null, 'The file is longer than the caller accepts.')
      throw new UnavailableError({ cause: redactError(error) })
    }
  }
}

/**
 * The path of a resource of the API, with these parameters; one of `//x` would be another host's.
 *
 * @throws {BadResponseError} it is not the API's
 */
function toResourcePath (value: unknown, apiUrl: string, query: Record<string, string>): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null
  if (url === null || url.host !== new URL(apiUrl).host || url.pathname.startsWith('//')) throw new BadResponseError()
  for (const [name, text] of Object.entries(query)) url.searchParams.set(name, text)
  return url.pathname + url.search
}

/** Only https, or the API's own origin, which may be a stand-in's. @throws {BadResponseError} */
function toFileUrl (value: unknown, apiUrl: string): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null
  if (url === null || url.username !== '' || url.password !== '') throw new BadResponseError()
  if (url.protocol !== 'https:' && url.origin !== new URL(apiUrl).origin) throw new BadResponseError()
  return url.href
}
