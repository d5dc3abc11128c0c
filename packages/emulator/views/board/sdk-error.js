/** A call of the app that is refused. Its message is what the app's promise is rejected with. */
export class SdkError extends Error {
  name = 'SdkError'
}
