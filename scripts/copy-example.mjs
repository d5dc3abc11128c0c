// Puts an example into an empty folder, as an app of its own:
//
//   npm run copy-example -- server ../my-app
//   cd ../my-app && npm install && npm start
//
// The code that the examples share becomes src/shared. Until the packages are on npm, the folder gets them as tarballs.
import { resolve } from 'node:path'
import { argv } from 'node:process'
import { appFiles, examples } from './copy-example/app-files.mjs'
import { fillFolder, requireEmptyFolder, requireOutside } from './copy-example/fill-folder.mjs'
import { packPackages } from './copy-example/pack-packages.mjs'
import { readWorkspace, root } from './copy-example/workspace.mjs'

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort())

const [name = '', folder = '', ...more] = argv.slice(2)
if (!examples.includes(name) || folder === '' || folder.startsWith('-') || more.length > 0) {
  fail(`Name an example (${examples.join(', ')}) and an empty folder: npm run copy-example -- server ../my-app`)
} else {
  await copy(resolve(folder)).catch((error) => fail(stop.signal.aborted ? 'Stopped: nothing was written.' : error.message))
}

/** @param {string} target */
async function copy (target) {
  await requireEmptyFolder(target)
  await requireOutside(root, target)
  const workspace = await readWorkspace()
  await fillFolder(target, async (staging) => {
    const packed = workspace.isPublished ? null : await packPackages(workspace, `${staging}/vendor`, stop.signal)
    return appFiles({ workspace, name, folder: target, packed })
  })
  console.log(`${target} is an app of its own now. In it: npm install && npm start`)
}

/** @param {string} message */
function fail (message) {
  console.error(message)
  process.exitCode = 1
}
