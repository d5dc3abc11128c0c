import { spawn } from 'node:child_process'
import { env, execPath, versions } from 'node:process'
import { fileURLToPath } from 'node:url'
import { removeStale } from './remove-stale.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Starts turbo in the root of the repository, where nothing is left of sources that are gone. Variables are set here, since cmd.exe does not know `NAME=value command`.
 *
 * @param {string[]} turboArguments
 * @param {object} options
 * @param {Record<string, string>} [options.variables] what tasks may see beside the environment; turbo.json names it
 * @param {import('node:child_process').StdioOptions} options.stdio
 */
export function startTurbo (turboArguments, { variables = {}, stdio }) {
  removeStale(root)
  return spawn(execPath, ['node_modules/turbo/bin/turbo', ...turboArguments], {
    cwd: root,
    stdio,
    // Node's version is not in turbo's hash by itself.
    env: { ...env, ...variables, DO_NOT_TRACK: '1', NODE_MAJOR: versions.node.split('.')[0] }
  })
}
