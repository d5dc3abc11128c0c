import type { Chart } from './result.js'

const size = { width: 960, left: 490, bar: 16, gap: 8, title: 34, margin: 24, numbers: 60 } as const

/**
 * Draws bars with their intervals as SVG, one group below the other.
 *
 * It brings its own background and its own colours for a dark page: a page cannot set either for a picture. The
 * description holds the numbers, for readers who cannot see the bars.
 *
 * @param note stands above everything
 */
export function toSvg (charts: readonly Chart[], note: string | null): string {
  let top: number = size.margin + (note === null ? 0 : size.title)
  const groups = charts.map((chart) => {
    const group = toGroup(chart, top)
    top += heightOf(chart)
    return group
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${top}" role="img" aria-labelledby="title description">
<title id="title">What requests, sign-ins and refreshes cost, beside what people use today</title>
<desc id="description">${escape(charts.map(describe).join(' '))}</desc>
<style>
  svg { font: 13px system-ui, sans-serif; --back: #ffffff; --text: #1b1f24; --ours: #1a6feb; --other: #8c959f; --line: #57606a }
  @media (prefers-color-scheme: dark) { svg { --back: #0d1117; --text: #e6edf3; --ours: #58a6ff; --other: #6e7681; --line: #b1bac4 } }
  .back { fill: var(--back) } text { fill: var(--text) } .title { font-weight: 600; font-size: 15px }
  .ours { fill: var(--ours) } .other { fill: var(--other) } .interval { stroke: var(--line); stroke-width: 2 }
  .one { stroke: var(--line); stroke-width: 1; stroke-dasharray: 3 3 }
</style>
<rect class="back" width="${size.width}" height="${top}"/>
${[...note === null ? [] : [noteLine(note)], ...groups].join('\n')}
</svg>
`
}

function noteLine (note: string): string {
  return `<text class="title" x="${size.margin}" y="${size.margin + 16}">${escape(note)}</text>`
}

function heightOf ({ bars }: Chart): number {
  return size.title + bars.length * (size.bar + size.gap) + size.margin
}

function toGroup (chart: Chart, top: number): string {
  const largest = Math.max(1, ...chart.bars.map(({ spread }) => spread.upper))
  const width = size.width - size.left - size.margin - size.numbers
  const toX = (value: number): number => Math.round(size.left + value / largest * width)
  const first = top + size.title
  const bars = chart.bars.map((bar, index) => toBar(bar, { chart, toX, y: first + index * (size.bar + size.gap) }))
  const one = chart.digits === 2
    ? [`<line class="one" x1="${toX(1)}" x2="${toX(1)}" y1="${first - 6}" y2="${top + heightOf(chart) - size.margin}"/>`]
    : []
  return [`<text class="title" x="${size.margin}" y="${top + 16}">${escape(chart.title)}</text>`, ...bars, ...one].join('\n')
}

function toBar (
  { title, spread, isOurs }: Chart['bars'][number],
  { chart, toX, y }: { chart: Chart, toX: (value: number) => number, y: number }
): string {
  const middle = y + size.bar / 2
  return [
    `<text x="${size.left - 10}" y="${middle + 4.5}" text-anchor="end">${escape(title)}</text>`,
    `<rect class="${isOurs ? 'ours' : 'other'}" x="${size.left}" y="${y}" width="${toX(spread.median) - size.left}" height="${size.bar}"/>`,
    `<line class="interval" x1="${toX(spread.lower)}" x2="${toX(spread.upper)}" y1="${middle}" y2="${middle}"/>`,
    `<text x="${toX(spread.upper) + 8}" y="${middle + 4.5}">${format(spread.median, chart.digits)}</text>`
  ].join('')
}

function describe ({ title, bars, digits }: Chart): string {
  return `${title}: ${bars.map((bar) => `${bar.title} ${format(bar.spread.median, digits)}`).join(', ')}.`
}

function format (value: number, digits: number): string {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** Titles are Markdown: the marks of code are left out. */
function escape (text: string): string {
  return text.replaceAll('`', '').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
