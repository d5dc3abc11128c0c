/** What a child is given of the driver's environment: nothing of the loaders and the coverage of a test runner. */
export function childEnvironment (): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_V8_COVERAGE: _coverage, ...environment } = process.env
  return environment
}
