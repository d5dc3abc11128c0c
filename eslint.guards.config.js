export { untyped as default } from './eslint.config.js'
