export { exchangeCode, issueTokens, pressButton, revokeToken } from './miro.js'
export { signalTwice, standInLines, startProcess, type Files, type RunningProcess } from './process.js'
export { throughInject, Visitor, type Answer } from './visitor.js'
