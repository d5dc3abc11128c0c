import { hash } from 'node:crypto'
import { pageHeaders } from '../http/response-headers.js'

const style = 'body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem;' +
  'color:#1c1c1e;background:#fff}h1{font-size:1.5rem}code{color:#5b5b66}a{color:#1d4ed8}'

/** Where a page leads. */
export interface PageLink {
  /** A checked path of the app. */
  path: string
  words: string
}

/** What a small page of ours says. */
interface PageText {
  title: string
  sentence: string
  /** An error's code, for the people who are asked about it; `null`: none. */
  code: string | null
  /** `null`: there is nowhere to go on. */
  link: PageLink | null
}

/** The link with which a person starts again. @param path of a route of ours */
export function tryAgain (path: string): PageLink {
  return { path, words: 'Try again' }
}

/** Renders a page. @param script its one script with attributes of its element, whose values need no escaping */
export function renderPage ({ title, sentence, code, link }: PageText, script = ''): string {
  const onward = link === null ? '' : `<p><a href="${escapeHtml(link.path)}">${link.words}</a></p>\n`
  const small = code === null ? '' : `<p><code>${code}</code></p>\n`
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><main>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(sentence)}</p>
${onward}${small}</main>${script}</body>
</html>
`
}

/** The headers of such a page. @param script the text of its one script */
export function headersOfPage (script?: string): Record<string, string> {
  return pageHeaders({ style: hashOf(style), ...script !== undefined && { script: hashOf(script) } })
}

function hashOf (text: string): string {
  return hash('sha256', text, 'base64')
}

/** A team's name comes from Miro, and may hold anything. */
function escapeHtml (text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
