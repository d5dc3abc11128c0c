import { select } from './selection.js'

/** What is on the board, as buttons that select it. */
export function createNotes ({ list, empty }) {
  let selected = []
  let shown = ''

  function buttonOf (id) {
    return [...list.querySelectorAll('button')].find(({ dataset }) => dataset.id === id)
  }

  function press () {
    for (const button of list.querySelectorAll('button')) {
      button.setAttribute('aria-pressed', String(selected.includes(button.dataset.id)))
    }
  }

  function createNote ({ id, type, content }) {
    const button = document.createElement('button')
    Object.assign(button, { type: 'button', className: `note ${type}` })
    button.append(createKind(type), toText(content))
    button.dataset.id = id
    button.addEventListener('click', (event) => {
      selected = select(selected, id, event.ctrlKey || event.metaKey || event.shiftKey)
      press()
    })
    const entry = document.createElement('li')
    entry.append(button)
    return entry
  }

  return {
    show (items) {
      const next = JSON.stringify(items)
      // Items that are replaced for no change would lose the focus.
      if (next === shown) return
      shown = next
      selected = selected.filter((id) => items.some((item) => item.id === id))
      const focused = list.contains(document.activeElement) ? document.activeElement.dataset.id : undefined
      list.replaceChildren(...items.map(createNote))
      buttonOf(focused)?.focus({ preventScroll: true })
      empty.hidden = items.length > 0
      press()
    },
    isSelected: (id) => selected.includes(id),
    zoomTo (ids) {
      const buttons = [...list.querySelectorAll('button')].filter(({ dataset }) => ids.includes(dataset.id))
      buttons[0]?.scrollIntoView({ block: 'center', behavior: 'smooth' })
      for (const button of list.querySelectorAll('.near')) button.classList.remove('near')
      for (const button of buttons) button.classList.add('near')
    }
  }
}

/** Miro's contents are HTML. A parsed document that is not shown runs no script and loads nothing. */
function toText (content) {
  return new window.DOMParser().parseFromString(content, 'text/html').body.textContent
}

function createKind (type) {
  const kind = document.createElement('span')
  Object.assign(kind, { className: 'kind', textContent: type.replaceAll('_', ' ') })
  return kind
}
