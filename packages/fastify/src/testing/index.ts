export { openPanelAs, signInAs, type TestGrant, type TestPanelPerson, type TestPerson } from './sign-in-as.js'
