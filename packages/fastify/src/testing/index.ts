export { signInAs, type TestPerson } from './sign-in-as.js'
