import neostandard, { resolveIgnoresFromGitignore } from 'neostandard'

/** Sources in which a promise that nothing waits for could lose a grant. */
const checkedByType = ['core', 'fastify', 'postgres', 'redis', 'sqlite'].map((name) => `packages/${name}/src/**/*.ts`)

/** The form of the code, and the rules that need types. Those of this repository are in .oxlintrc.json, since oxlint takes a second. */
export default [
  ...neostandard({ ts: true, ignores: resolveIgnoresFromGitignore() }),
  {
    files: ['**/*.ts'],
    rules: {
      '@stylistic/max-len': ['error', {
        code: 120, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true, ignoreUrls: true
      }]
    }
  },
  {
    files: checkedByType,
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error'
    }
  }
]
