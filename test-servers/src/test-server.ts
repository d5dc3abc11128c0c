/** A real server of this test's own, on loopback; or a corner of the one that the environment names. */
export interface TestServer {
  /** Where clients connect. */
  url: string
  /**
   * Kills it where it stands, and starts it on the same port with what it had acknowledged. Not there for the
   * environment's server.
   *
   * @param whileDown what is done in between
   */
  restart?: (whileDown?: () => Promise<void>) => Promise<void>
  /** Ends it, and takes away what it stored. */
  stop: () => Promise<void>
}

/**
 * What a machine without this server gets: a notice among the last lines of the output, and `null`.
 *
 * @throws {Error} `MIRO_TEST_REQUIRE` names the server
 */
export function missing (name: string, hint: string): null {
  if (process.env['MIRO_TEST_REQUIRE']?.includes(name) === true) throw new Error(`MIRO_TEST_REQUIRE asks for ${name}: ${hint}`)
  console.log(`NOTICE: ${name} is missing; ${hint}`)
  return null
}
