/** A question that this run cannot answer. Its message says why, without a secret. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered'
  readonly code = 'VERIFY_UNANSWERED'
}
