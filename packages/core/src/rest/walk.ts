import { BadResponseError } from '../errors.js'

/** Where the next page begins. */
export interface PageStart { cursor?: string, offset?: number }

/** An object of an answer. */
type Page = Record<string, unknown>

/** A list that never ends would be walked for ever. */
const mostEmptyPages = 100
/** Items by which a list can shift between two pages, and still none is yielded twice. */
const remembered = 1000

/** One walk through the pages of a list: where the next page begins, and which items are new. */
export class Walk {
  /** `null`: the list has ended. */
  next: PageStart | null = {}
  readonly #cursors = new Set<string>()
  readonly #seen = new Set<unknown>()
  /** Of a list by offset: how long it was on the last page, and where the walk began. */
  #total: number | null = null
  #first: number | null = null
  #emptyPages = 0

  /**
   * Takes a page in, and returns the items that are new.
   *
   * @param size how many entries the page has, also those that are no objects
   * @throws {BadResponseError}
   */
  take (page: Page, items: Page[], size: number): Page[] {
    const { cursor } = page
    const isByCursor = typeof cursor === 'string' && cursor !== ''
    const fresh = isByCursor ? this.#byCursor(cursor, items) : this.#byOffset(page, items, size)
    this.#emptyPages = fresh.length === 0 ? this.#emptyPages + 1 : 0
    if (this.next !== null && this.#emptyPages >= mostEmptyPages) {
      throw new BadResponseError(null, 'A list of Miro\'s API had no new item on a hundred pages in a row; the walk was ended.')
    }
    return fresh
  }

  #byCursor (cursor: string, items: Page[]): Page[] {
    if (this.#cursors.has(cursor)) {
      throw new BadResponseError(null, 'A list of Miro\'s API gave the same cursor twice, and would never end; the walk was ended.')
    }
    this.#cursors.add(cursor)
    this.next = { cursor }
    return this.#onlyNew(items)
  }

  #byOffset ({ offset, total }: Page, items: Page[], size: number): Page[] {
    if (typeof offset !== 'number' || typeof total !== 'number') {
      this.next = null
      return this.#onlyNew(items)
    }
    if (offset < (this.next?.offset ?? 0)) throw new BadResponseError()
    const vanished = (this.#total ?? total) - total
    this.#total = total
    this.#first ??= offset
    // What vanished before this page moved the items after it forward, and some of them out of the page.
    if (vanished > 0 && offset > this.#first) {
      this.next = { offset: Math.max(this.#first, offset - vanished) }
      return []
    }
    this.next = size === 0 || offset + size >= total ? null : { offset: offset + size }
    return this.#onlyNew(items)
  }

  #onlyNew (items: Page[]): Page[] {
    return items.filter(({ id }) => this.#isNew(id))
  }

  #isNew (id: unknown): boolean {
    if (typeof id !== 'string' && typeof id !== 'number') return true
    if (this.#seen.has(id)) return false
    this.#seen.add(id)
    if (this.#seen.size > remembered) this.#seen.delete(this.#seen.values().next().value)
    return true
  }
}
