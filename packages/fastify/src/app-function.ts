import { inspect } from 'node:util'
import { MiroError } from '@miro-oauth/core'
import { AppFunctionError } from './errors.js'

/**
 * Calls a function that the app gave by an option. An error of this library passes as it is: it comes from
 * `request.miro`, which the function may use.
 *
 * @throws {AppFunctionError | MiroError}
 */
export async function callAppFunction<T> (option: 'appUserId' | 'grant' | 'admit', call: () => T | Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof MiroError) throw error
    // A logger shows only causes that are errors.
    throw new AppFunctionError(option, error instanceof Error ? error : new Error(`It threw no Error, but ${inspect(error)}.`))
  }
}
