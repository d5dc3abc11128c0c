// Loaded before a test file. Tap follows every promise and timer with async hooks, so that an uncaught error fails the
// test that it belongs to: that is most of what our tests take. Without them such an error ends the file's process,
// which counts as a failure of the file.
import asyncHooks from 'node:async_hooks'
import { syncBuiltinESMExports } from 'node:module'

const idle = { enable: () => idle, disable: () => idle }
asyncHooks.createHook = () => idle
syncBuiltinESMExports()
