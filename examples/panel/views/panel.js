// The script of the panel: who is there, the items of the board, a new sticky note. It runs in Miro's iframe, where no
// cookie of the app arrives: `fetch` below sends a fresh id token with each request instead.
import { createPanelFetch } from '/auth/miro/panel.js'
import { toHtml } from './item-text.js'
import { sentenceFor } from './sentences.js'
import { onPress, showConnected, showDisconnected, showPerson, tell, wait } from './view.js'

const { board } = window.miro
const { fetch, connect } = createPanelFetch({ getIdToken: () => board.getIdToken() })
let attempts = 0

async function greet () {
  const [{ name }, answer] = await Promise.all([board.getUserInfo(), fetch('/panel/me')])
  showPerson({ name, ...await read(answer) })
}

async function load () {
  const { id } = await board.getInfo()
  const answer = await fetch(`/panel/items?board=${encodeURIComponent(id)}`)
  // The person must connect: at first, after a disconnect elsewhere, or since Miro ended the grant.
  const connectUrl = answer.headers.get('miro-connect-url')
  if (connectUrl === null) showConnected(await read(answer))
  else showDisconnected(connectUrl)
}

/** The browser opens a window in a click alone, so nothing is awaited before `connect`. */
async function connectHere () {
  const attempt = ++attempts
  wait(true)
  try {
    await connect()
  } catch (error) {
    // After a second click the first attempt says nothing any more.
    if (attempt === attempts) throw error
    return
  } finally {
    if (attempt === attempts) wait(false)
  }
  await load()
}

async function addNote ({ elements: { note } }) {
  const added = await board.createStickyNote({ content: toHtml(note.value) })
  note.value = ''
  await board.viewport.zoomTo(added)
  await load()
}

async function disconnect () {
  const answer = await fetch('/panel/disconnect', { method: 'POST' })
  if (!answer.ok) await read(answer)
  await load()
}

/** @throws an error with the code and the message of a refusal */
async function read (answer) {
  const json = await answer.json()
  if (answer.ok) return json
  throw Object.assign(new Error(json.message), { code: json.code })
}

async function run (action, form) {
  tell(null)
  await action(form).catch((error) => tell(sentenceFor(error), error.code))
}

onPress({
  connect: () => run(connectHere),
  addNote: (form) => run(addNote, form),
  disconnect: () => run(disconnect)
})
// Back from another tab, where the person may have connected or disconnected.
document.addEventListener('visibilitychange', () => { if (!document.hidden) load().catch(() => {}) })

await run(greet)
await run(load)
