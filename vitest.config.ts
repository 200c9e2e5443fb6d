import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Waits of a test end with what they waited for after a minute, which says more than that its time is over.
    testTimeout: 90_000,
    hookTimeout: 120_000,
    // Two cores are what CI has: servers and engines run beside the tests.
    maxWorkers: 2,
  },
})
