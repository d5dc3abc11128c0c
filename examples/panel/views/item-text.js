// Contents of items are HTML, which anybody who may edit the board has written: it never enters the page as HTML.

/** The text of an item. A parsed document that is not shown runs no script and loads nothing. */
export function toText (html) {
  return new window.DOMParser().parseFromString(html, 'text/html').body.textContent.trim()
}

/** The content of a new item that shows this text. */
export function toHtml (text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
