// The files that Stryker changes, by package, each with the tests that must notice; `break` is the lowest score in percent.
export const packages = {
  core: {
    break: 90,
    decisions: {
      'src/refresh/decide.ts': ['decisions'],
      'src/refresh/apply-result.ts': ['decisions'],
      'src/grant/record-states.ts': ['decisions'],
      'src/wire/classify.ts': ['wire'],
      'src/revoke/judge-revocation.ts': ['decisions']
    }
  },
  fastify: {
    break: 80,
    decisions: {
      'src/flow/callback-decision.ts': ['callback-decision'],
      'src/flow/return-to.ts': ['return-to']
    }
  }
}
