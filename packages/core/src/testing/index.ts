export { createFakeClock, type FakeClock } from './fake-clock.js'
export { storeContract, type ContractCase, type ContractStore } from './store-contract.js'
