// An example's README, for an app that is a copy of it.

/** What only holds in this repository stands between comments, which pages do not show: in lines of their own, or within one. */
const blocks = /^<!-- repository -->\n.*?^<!-- \/ -->\n+/gms
const phrases = /<!-- repository -->.*?<!-- \/ -->/gs

const start = '`npm install` once, and then `npm start`: it compiles `src` and starts the server.\n\n'

const tarballs = `
## The packages

They are not on npm yet: \`vendor\` has them as tarballs, which \`package.json\` names. Once they are published, put versions in
place of the tarballs, leave out \`@miro-oauth/core\`, and delete \`vendor\`.
`

const standIn = `
## Without the stand-in

An app that has its Miro app by now can drop \`src/shared/stand-in.ts\`, its line in \`src/shared/index.ts\`, and
\`@miro-oauth/emulator\`: \`buildApp\` then gets \`config.miro\`.
`

/**
 * @param {string} readme of the example
 * @param {object} options
 * @param {string} options.appName
 * @param {boolean} options.hasTarballs
 */
export function toReadme (readme, { appName, hasTarballs }) {
  return readme
    .replace(/^# .*$/m, `# ${appName}`)
    .replaceAll(blocks, '')
    .replaceAll(phrases, '')
    .replaceAll(/^\| `test\/.*\n/gm, '')
    .replaceAll(/npm run start:\w+/g, 'npm start')
    .replaceAll('../shared', 'src/shared')
    .replace('shared by the examples: ', '')
    .replace(/^## /m, `${start}## `)
    .replace(/\n*$/, `\n${standIn}${hasTarballs ? tarballs : ''}`)
}
