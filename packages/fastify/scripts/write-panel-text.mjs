// Writes src/browser/panel-text.ts anew, after a change of src/browser/panel.ts and a build.
import { writeFileSync } from 'node:fs'
import { createPanelFetch } from '../dist/browser/panel.js'

const text = `export ${createPanelFetch.toString().replaceAll(/^\s+/gm, '')}\n`
const lines = text.split('\n').map((line) => `  '${line.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`)
writeFileSync(new URL('../src/browser/panel-text.ts', import.meta.url), `/* eslint-disable no-template-curly-in-string */
/**
 * The text of \`createPanelFetch\` without its indentation, as the plugin serves it. It is kept as a text, since a
 * bundler may rename and wrap what it bundles. After a build, \`node scripts/write-panel-text.mjs\` writes it anew.
 */
export const panelText = [
${lines.join(',\n')}
].join('\\n')
`)
