import { createHash } from 'node:crypto'
import { Eta } from 'eta'

// `anywhere`: by `break-word` a long name makes its column as wide as it is, and the buttons leave the window.
const style = 'body{font:1rem/1.5 system-ui,sans-serif;margin:2rem}table{border-collapse:collapse;width:100%}' +
  'th,td{text-align:left;vertical-align:top;padding:.5rem .75rem .5rem 0;border-bottom:1px solid #ddd}' +
  'td{overflow-wrap:anywhere;min-width:7rem}td:last-child{min-width:0}small{color:#5b5b66}[role=status]{font-weight:600}button{white-space:nowrap}' +
  '@media(max-width:60rem){body{margin:1rem}thead{display:none}td{display:block;padding:0;border:0}' +
  'tr{display:block;padding:.75rem 0;border-bottom:1px solid #ddd}}'

/** Eta escapes each `<%= %>`: names come from Miro, where people choose them. */
const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Miro grants</title><style>${style}</style></head>
<body>
<h1>Miro grants</h1>
<% if (it.notice !== null) { %><p role="status"><%= it.notice %></p>
<% } %><% if (it.rows.length === 0) { %><p>None on this page.</p>
<% } else { %><table>
<thead><tr><th>Person</th><th>Team</th><th>State</th><th>Users of the app</th><th>Scopes</th><th>Last used</th><th></th></tr></thead>
<tbody>
<% for (const row of it.rows) { %><tr>
<td><%= row.person %><% if (row.person !== row.userId) { %><br><small><%= row.userId %></small><% } %></td>
<td><%= row.team %><% if (row.team !== row.teamId) { %><br><small><%= row.teamId %></small><% } %></td>
<td><%= row.state %></td>
<td><%= row.appUsers %></td>
<td><%= row.scopes %></td>
<td><%= row.used %></td>
<td><% if (row.canEnd) { %><form method="post" action="<%= it.endUrl %>"><input type="hidden" name="user_id" value="<%= row.userId %>"><input type="hidden" name="team_id" value="<%= row.teamId %>"><button aria-label="Disconnect <%= row.person %> in <%= row.team %>">Disconnect</button></form><% } %></td>
</tr>
<% } %></tbody>
</table>
<% } %><p><% if (it.isLater) { %><a href="<%= it.url %>">First page</a> <% } %><% if (it.nextUrl !== null) { %><a href="<%= it.nextUrl %>">Next page</a><% } %></p>
</body>
</html>
`

/** What the page shows. Every text is escaped by the template. */
export interface AdminView {
  rows: Array<Record<'person' | 'userId' | 'team' | 'teamId' | 'state' | 'appUsers' | 'scopes' | 'used', string> & { canEnd: boolean }>
  notice: string | null
  url: string
  endUrl: string
  nextUrl: string | null
  isLater: boolean
}

const eta = new Eta()
eta.loadTemplate('@page', page)

export function renderAdminPage (view: AdminView): string {
  return eta.render('@page', view)
}

const styleHash = createHash('sha256').update(style).digest('base64')

/** No script, no foreign content and no framing: a page of another site could place its own button over ours. */
export const adminPolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; ` +
  'frame-ancestors \'none\''
