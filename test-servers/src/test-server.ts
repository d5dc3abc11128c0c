/** A real server of one test on loopback, or a database of the server that the environment names. */
export interface TestServer {
  /** The address for clients. */
  url: string
  /**
   * Kills the server, and starts it on the same port with its data. Missing for the environment's server.
   *
   * @param whileDown called while the server is down
   */
  restart?: (whileDown?: () => Promise<void>) => Promise<void>
  /** Ends the server, and deletes its data. */
  stop: () => Promise<void>
}

/**
 * Prints a notice that this machine has no such server, for the last lines of the output, and returns `null`.
 *
 * @throws {Error} `MIRO_TEST_REQUIRE` names the server
 */
export function missing (name: string, hint: string): null {
  if (process.env['MIRO_TEST_REQUIRE']?.includes(name) === true) throw new Error(`MIRO_TEST_REQUIRE asks for ${name}: ${hint}`)
  console.log(`NOTICE: ${name} is missing; ${hint}`)
  return null
}
