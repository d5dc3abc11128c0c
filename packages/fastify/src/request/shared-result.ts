/**
 * Work that is done once, when it is first asked for. A failure is forgotten, so that the next call tries again.
 */
export function sharedResult<T> (work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  function begin (): Promise<T> {
    const begun = work()
    begun.catch(() => { result = undefined })
    return begun
  }
  return () => (result ??= begin())
}
