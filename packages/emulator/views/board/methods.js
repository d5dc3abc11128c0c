import { SdkError } from './sdk-error.js'

/**
 * What an app's frame may call, by name. Each takes the call's parameter and the window that calls.
 *
 * @param {{ person: object, app: { origin: string, scopes: readonly string[] } }} setup
 * @param {object} parts `requests` to the emulator, and what is shown: `notes` and `frames`
 */
export function createMethods ({ person, app }, { requests, notes, frames }) {
  const demandScope = (scope) => {
    if (!app.scopes.includes(scope)) throw new SdkError(`The app does not have the scope ${scope}.`)
  }

  async function readItems () {
    demandScope('boards:read')
    const board = await requests.readBoard()
    notes.show(board.notes)
    return board.items
  }

  return {
    getIdToken: () => requests.fetchIdToken(),
    getInfo: async () => (await requests.readBoard()).info,
    getUserInfo: () => person,
    get: async (filter) => selectItems(await readItems(), filter),
    getSelection: async () => {
      const items = await readItems()
      return items.filter(({ id }) => notes.isSelected(id))
    },
    async createStickyNote (note) {
      demandScope('boards:write')
      const created = await requests.createStickyNote(note)
      notes.show((await requests.readBoard()).notes)
      return created
    },
    openPanel: (url) => { frames.open('panel', requireAppUrl(url, app.origin)) },
    closePanel: () => { frames.close('panel') },
    openModal: (url) => { frames.open('modal', requireAppUrl(url, app.origin)) },
    closeModal: () => { frames.close('modal') },
    subscribe: (event, source) => { frames.setSubscribed(source, requireEvent(event), true) },
    unsubscribe: (event, source) => { frames.setSubscribed(source, requireEvent(event), false) },
    zoomTo: (ids) => { notes.zoomTo(requireIds(ids)) }
  }
}

/** The items of the types, and with the ids, that `miro.board.get()` asks for. */
export function selectItems (items, filter) {
  if (filter === undefined || filter === null) return items
  const [types, ids] = [toTexts(filter.type), toTexts(filter.id)]
  if (types === null && ids === null) throw new SdkError('get() takes type, id, or nothing.')
  return items.filter(({ id, type }) => (types === null || types.includes(type)) && (ids === null || ids.includes(id)))
}

function toTexts (value) {
  if (value === undefined) return null
  const texts = Array.isArray(value) ? value : [value]
  if (!texts.every((text) => typeof text === 'string')) throw new SdkError('type and id must be texts.')
  return texts
}

/** The policy of the page lets it frame no other origin: such a frame would stay empty without a word. */
export function requireAppUrl (url, appOrigin) {
  if (typeof url !== 'string' || !URL.canParse(url) || new URL(url).origin !== appOrigin) {
    throw new SdkError('The url must be a page at the origin of the app’s sdkUri.')
  }
  return url
}

function requireEvent (event) {
  if (event !== 'icon:click') throw new SdkError('The emulator sends no event but icon:click.')
  return event
}

function requireIds (ids) {
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string')) {
    throw new SdkError('zoomTo() takes an item of the board, or a list of them.')
  }
  return ids
}
