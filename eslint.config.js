import neostandard, { resolveIgnoresFromGitignore } from 'neostandard'

/** Sources in which a promise that nothing waits for could lose a grant. */
const checkedByType = ['core', 'fastify', 'postgres', 'redis', 'sqlite'].map((name) => `packages/${name}/src/**/*.ts`)

/** Which packages of this repository the sources of each may import. */
const mayImport = {
  'packages/core': [],
  'packages/emulator': [],
  'packages/fastify': ['core'],
  'packages/postgres': ['core'],
  'packages/redis': ['core'],
  'packages/sqlite': ['core'],
  // It measures Miro, and not the packages of this repository.
  'verify-live': []
}

const standard = neostandard({ ts: true, ignores: resolveIgnoresFromGitignore() })

/** How sources are read, with no rules. */
export const parsing = standard.map((config) => ({ ...config, rules: {} }))

/** The rules of this repository that need no types. */
export const guards = [
  {
    files: ['**/*.ts'],
    rules: {
      '@stylistic/max-len': ['error', {
        code: 120, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true, ignoreUrls: true
      }]
    }
  },
  {
    files: ['packages/*/src/**/*.ts'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/method-signature-style': ['error', 'property'],
      // Time, randomness, environment and output are passed in, so that every decision can be tested.
      'no-console': 'error',
      'no-restricted-properties': ['error',
        { object: 'Date', property: 'now', message: 'Take a clock.' },
        { object: 'Math', property: 'random', message: 'Use node:crypto.' },
        { object: 'process', property: 'env', message: 'Take an option.' }
      ]
    }
  },
  ...Object.entries(mayImport).map(([folder, allowed]) => ({
    files: [`${folder}/src/**/*.ts`],
    rules: {
      'no-restricted-imports': ['error', {
        patterns: [{
          regex: `^@miro-oauth/(?!(?:${allowed.length === 0 ? '-' : allowed.join('|')})(?:/|$))`,
          message: 'CONTRIBUTING says which package may import which.'
        }]
      }]
    }
  })),
  {
    // The one place in each package where the machine's own time comes in.
    files: ['packages/*/src/clock.ts'],
    rules: { 'no-restricted-properties': 'off' }
  },
  {
    files: ['packages/emulator/src/cli.ts'],
    rules: { 'no-console': 'off', 'no-restricted-properties': 'off' }
  }
]

/** The rules that need types, which `npm run prove` checks. */
const typed = {
  files: checkedByType,
  languageOptions: { parserOptions: { projectService: true } },
  rules: {
    '@typescript-eslint/no-floating-promises': 'error',
    '@typescript-eslint/no-misused-promises': 'error'
  }
}

export default [...standard, ...guards, typed]
