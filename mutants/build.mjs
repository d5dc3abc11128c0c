// Builds the copy of a package that Stryker has changed, in its folder.
import { transpile } from '../scripts/transpile.mjs'

if (!await transpile('test-dist')) process.exitCode = 1
