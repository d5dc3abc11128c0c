import type { Rules } from '../fields/rule.js'
import { choice, decimal, text } from '../fields/values.js'

// The fields of `style`, as Miro's OpenAPI document has them.

const fontFamily = choice([
  'arial', 'abril_fatface', 'bangers', 'eb_garamond', 'georgia', 'graduate', 'gravitas_one', 'fredoka_one', 'nixie_one',
  'open_sans', 'permanent_marker', 'pt_sans', 'pt_sans_narrow', 'pt_serif', 'rammetto_one', 'roboto', 'roboto_condensed',
  'roboto_slab', 'caveat', 'times_new_roman', 'titan_one', 'lemon_tuesday', 'roboto_mono', 'noto_sans', 'plex_sans',
  'plex_serif', 'plex_mono', 'spoof', 'tiempos_text', 'formular'
])
const opacity = decimal({ min: 0, max: 1 })
const horizontal = ['left', 'right', 'center']
const vertical = ['top', 'middle', 'bottom']

export const stickyNoteStyle: Rules = {
  fillColor: choice([
    'gray', 'light_yellow', 'yellow', 'orange', 'light_green', 'green', 'dark_green', 'cyan', 'light_pink', 'pink',
    'violet', 'red', 'light_blue', 'blue', 'dark_blue', 'black'
  ]),
  textAlign: choice(horizontal),
  textAlignVertical: choice(vertical)
}

export const textStyle: Rules = {
  color: text(),
  fillColor: text(),
  fillOpacity: opacity,
  fontFamily,
  fontSize: decimal({ min: 1, max: Infinity }),
  textAlign: choice(horizontal)
}

export const shapeStyle: Rules = {
  borderColor: text(),
  borderOpacity: opacity,
  borderStyle: choice(['normal', 'dotted', 'dashed']),
  borderWidth: decimal({ min: 1, max: 24 }),
  color: text(),
  fillColor: text(),
  fillOpacity: opacity,
  fontFamily,
  fontSize: decimal({ min: 10, max: 288 }),
  textAlign: choice([...horizontal, 'unknown']),
  textAlignVertical: choice([...vertical, 'unknown'])
}

export const cardStyle: Rules = { cardTheme: text() }

export const fillStyle: Rules = { fillColor: text() }

export const defaultStickyNoteStyle = { fillColor: 'light_yellow', textAlign: 'center', textAlignVertical: 'middle' }

export const defaultTextStyle = {
  color: '#1a1a1a', fillOpacity: '0.0', fontFamily: 'open_sans', fontSize: '14', textAlign: 'left'
}

export const defaultShapeStyle = {
  borderColor: '#1a1a1a',
  borderOpacity: '1.0',
  borderStyle: 'normal',
  borderWidth: '2.0',
  color: '#1a1a1a',
  fillColor: '#ffffff',
  fillOpacity: '0.0',
  fontFamily: 'open_sans',
  fontSize: '14',
  textAlign: 'center',
  textAlignVertical: 'middle'
}

/** What a shape may be. */
export const shapes = [
  'rectangle', 'round_rectangle', 'circle', 'triangle', 'rhombus', 'parallelogram', 'trapezoid', 'pentagon', 'hexagon',
  'octagon', 'wedge_round_rectangle_callout', 'star', 'flow_chart_predefined_process', 'cloud', 'cross', 'can',
  'right_arrow', 'left_arrow', 'left_right_arrow', 'left_brace', 'right_brace'
]
