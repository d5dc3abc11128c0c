import { NotConnectedError, ReauthorizeError } from '@miro-oauth/core'
import { ScopeMissingError } from '../errors.js'

/** A request without a usable grant: its person can connect, and come back. */
export type GrantRefusal = NotConnectedError | ReauthorizeError | ScopeMissingError

export function isGrantRefusal (error: unknown): error is GrantRefusal {
  return error instanceof NotConnectedError || error instanceof ReauthorizeError || error instanceof ScopeMissingError
}

/** What a check threw, where it is of a certain kind; `null`: it passed. Throws everything else. */
export async function refusalOf<E> (
  check: () => Promise<unknown>, isRefusal: (error: unknown) => error is E
): Promise<E | null> {
  try {
    await check()
    return null
  } catch (error) {
    if (isRefusal(error)) return error
    throw error
  }
}
