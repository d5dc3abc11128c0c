import { SdkError } from './sdk-error.js'

/**
 * The request in a message event, or null. Only the frames that the page made itself are answered, and only while they
 * show the app's origin: any other window may post here too.
 *
 * @param {{ source: unknown, origin: string, data: unknown }} event
 * @param {{ windows: readonly unknown[], appOrigin: string }} expected
 */
export function readRequest ({ source, origin, data }, { windows, appOrigin }) {
  if (origin !== appOrigin || !source || !windows.includes(source)) return null
  if (typeof data !== 'object' || data === null || data.miro !== 'request') return null
  const { id, method, parameter } = data
  if (!Number.isSafeInteger(id) || typeof method !== 'string') return null
  return { id, method, parameter, source }
}

/** The answer to a request: what the method returns, or a sentence that says why there is nothing. */
export async function answerRequest ({ id, method, parameter, source }, methods) {
  try {
    if (!Object.hasOwn(methods, method)) throw new SdkError('The emulator does not have this method.')
    return { miro: 'answer', id, isDone: true, result: await methods[method](parameter, source) }
  } catch (error) {
    const message = error instanceof SdkError ? error.message : 'The emulator failed; this is a bug in it.'
    return { miro: 'answer', id, isDone: false, message }
  }
}
