/** The environment of a child process: the driver's, without the loader and the coverage of a test runner. */
export function childEnvironment (): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_V8_COVERAGE: _coverage, ...environment } = process.env
  return environment
}
