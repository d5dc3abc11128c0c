import { MiroError, StoreError } from '../errors.js'

/** What a caller gets of a store's failure: an error of this library passes as it is. */
export function toStoreError (error: unknown): MiroError {
  return error instanceof MiroError ? error : new StoreError(error)
}
