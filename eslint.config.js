import neostandard, { resolveIgnoresFromGitignore } from 'neostandard'

export default [
  ...neostandard({ ts: true, ignores: resolveIgnoresFromGitignore() }),
  {
    files: ['packages/*/src/**/*.ts'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/method-signature-style': ['error', 'property'],
      // Time, randomness, environment and output are handed in, so that every decision can be tested.
      'no-console': 'error',
      'no-restricted-properties': ['error',
        { object: 'Date', property: 'now', message: 'Take a clock.' },
        { object: 'Math', property: 'random', message: 'Use node:crypto.' },
        { object: 'process', property: 'env', message: 'Take an option.' }
      ]
    }
  },
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
