/** A variable of the environment is missing or wrong. The message names it and never shows its value. */
export class VariableError extends Error {}
