/**
 * The frames of the app: the hidden one that shows `sdkUri` as long as the page is open, a panel and a modal.
 *
 * @param {{ name: string, sdkUri: string, origin: string }} app
 * @param {{ panel: HTMLElement, modal: HTMLDialogElement, icon: HTMLButtonElement, status: HTMLElement }} elements
 */
export function createFrames (app, { panel, modal, icon, status }) {
  const open = new Map()
  const places = { panel, modal }
  const hidden = createFrame(app.sdkUri, app.name)
  hidden.hidden = true
  document.body.append(hidden)

  function close (place) {
    open.get(place)?.remove()
    open.delete(place)
    if (place === 'modal') modal.close()
    else closePanel()
  }

  /** A dialog gives the focus back by itself. The button that closes the panel would take the focus away with it. */
  function closePanel () {
    const hadFocus = panel.contains(document.activeElement)
    panel.hidden = true
    if (hadFocus) icon.focus()
  }

  icon.addEventListener('click', () => {
    hidden.contentWindow?.postMessage({ miro: 'event', name: 'icon:click' }, app.origin)
  })
  for (const place of ['panel', 'modal']) {
    places[place].querySelector('button').addEventListener('click', () => { close(place) })
  }
  modal.addEventListener('close', () => { if (open.has('modal')) close('modal') })

  return {
    windows: () => [hidden, ...open.values()].map((frame) => frame.contentWindow),
    open (place, url) {
      close(place)
      const frame = createFrame(url, `${app.name}: ${place}`)
      open.set(place, frame)
      places[place].append(frame)
      if (place === 'modal') modal.showModal()
      else panel.hidden = false
    },
    close,
    /** Events go to the hidden frame alone. Before it has subscribed, a click would be lost. */
    setSubscribed (source, _event, isSubscribed) {
      if (source !== hidden.contentWindow) return
      icon.disabled = !isSubscribed
      status.hidden = isSubscribed
    }
  }
}

function createFrame (url, title) {
  const frame = document.createElement('iframe')
  frame.title = title
  frame.src = url
  return frame
}
