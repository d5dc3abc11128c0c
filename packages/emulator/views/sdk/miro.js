// The emulator's stand-in for Miro's Web SDK: a plain script that defines `miro` in a page that a board of the emulator
// has in a frame. It talks to the board by messages, and to no other origin than the one that it was loaded from.
(() => {
  const boardOrigin = new URL(document.currentScript.src).origin
  const board = window.parent
  const calls = new Map()
  const handlers = new Map()
  let lastId = 0

  function call (method, parameter) {
    if (board === window) return refuse('This page is not in a frame of a board.')
    return new Promise((resolve, reject) => {
      const id = ++lastId
      board.postMessage({ miro: 'request', id, method, parameter }, boardOrigin)
      calls.set(id, { resolve, reject })
    })
  }

  function refuse (message) {
    return Promise.reject(new Error(message))
  }

  window.addEventListener('message', ({ source, origin, data }) => {
    if (source !== board || origin !== boardOrigin || typeof data !== 'object' || data === null) return
    if (data.miro === 'answer') finish(data)
    if (data.miro === 'event') for (const handler of handlers.get(data.name) ?? []) queueMicrotask(handler)
  })

  function finish ({ id, isDone, result, message }) {
    const waiting = calls.get(id)
    calls.delete(id)
    if (isDone) waiting?.resolve(result)
    else waiting?.reject(new Error(message))
  }

  /** The path of a page of the app is relative to the page that opens it. */
  function open (method, options) {
    const url = options?.url
    if (typeof url !== 'string' || !URL.canParse(url, document.baseURI)) return refuse('The url of a page is missing.')
    return call(method, new URL(url, document.baseURI).href)
  }

  async function on (event, handler) {
    if (typeof handler !== 'function') throw new Error('The handler must be a function.')
    handlers.set(event, new Set(handlers.get(event)).add(handler))
    try {
      await call('subscribe', event)
    } catch (error) {
      handlers.delete(event)
      throw error
    }
  }

  async function off (event, handler) {
    const left = handlers.get(event)
    left?.delete(handler)
    if (left?.size === 0 && handlers.delete(event)) await call('unsubscribe', event)
  }

  function createStickyNote (note = {}) {
    if (typeof note !== 'object' || note === null) return refuse('createStickyNote() takes an object.')
    const { content, x, y } = note
    return call('createStickyNote', { content, x, y })
  }

  function zoomTo (items) {
    return call('zoomTo', [items].flat().map((item) => item?.id))
  }

  const ui = {
    openPanel: (options) => open('openPanel', options),
    closePanel: () => call('closePanel'),
    openModal: (options) => open('openModal', options),
    closeModal: () => call('closeModal'),
    on,
    off
  }

  window.miro = {
    board: {
      getIdToken: () => call('getIdToken'),
      getInfo: () => call('getInfo'),
      getUserInfo: () => call('getUserInfo'),
      get: (filter) => call('get', filter),
      getSelection: () => call('getSelection'),
      createStickyNote,
      ui,
      viewport: { zoomTo }
    }
  }
})()
