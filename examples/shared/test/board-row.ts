import t from 'tap'
import { toBoardRow } from '../src/board-row.js'

t.test('board row: only a web address becomes a link, and only a date a date', async (t) => {
  const viewLink = 'https://miro.com/app/board/1'
  t.same(toBoardRow({ id: '1', name: 'Plans', viewLink, modifiedAt: '2026-03-30T17:26:50Z' }), {
    name: 'Plans',
    description: '',
    link: viewLink,
    changed: { text: '30 Mar 2026, 17:26 UTC', iso: '2026-03-30T17:26:50.000Z' }
  })
  for (const viewLink of ['javascript:alert(1)', '//evil.example', 'data:text/html,x', '']) {
    t.match(toBoardRow({ id: '1', name: 'Plans', viewLink, modifiedAt: 'yesterday' }), { link: null, changed: null })
  }
  t.match(toBoardRow({ id: '1', name: 'Plans' }), { link: null, changed: null })
})
