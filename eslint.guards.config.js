// What `npm test` checks of the packages' sources: the rules of this repository, without those of neostandard for any
// project. These take as long again, and `npm run lint` checks them.
import { guards, parsing } from './eslint.config.js'

// A comment that switches off one of neostandard's rules has nothing to switch off here.
export default [...parsing, { linterOptions: { reportUnusedDisableDirectives: 'off' } }, ...guards]
