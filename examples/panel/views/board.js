// The script of the page that every board loads, hidden: a click on the app's icon opens the panel.
const { ui } = window.miro.board

await ui.on('icon:click', () => ui.openPanel({ url: new URL('/panel', window.location.href).href }))
