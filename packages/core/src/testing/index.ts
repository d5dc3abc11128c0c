export { createFakeClock, type FakeClock } from './fake-clock.js'
export { checkLinearizability, type LinearizabilityOptions } from './linearizability.js'
export { storeContract, type ContractCase, type ContractStore } from './store-contract.js'
