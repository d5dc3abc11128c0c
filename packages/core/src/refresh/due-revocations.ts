import type { Revocations } from '../revoke/revocations.js'

/** The outcome of a try; `stop`: no other one would fare better now. */
export type RetryOutcome = 'revoked' | 'revocationsPending' | 'done-before' | 'stop'

/** Tries once more to have a pair revoked that Miro did not confirm. Its failure must not hold up the others. */
export async function retryRevocation (revocations: Revocations, key: string): Promise<RetryOutcome> {
  try {
    switch (await revocations.retry(key)) {
      case null: return 'done-before'
      case 'revoked': case 'dead': return 'revoked'
      case 'put-off': return 'revocationsPending'
      case 'put-off-all': return 'stop'
    }
  } catch {
    return 'revocationsPending'
  }
}
