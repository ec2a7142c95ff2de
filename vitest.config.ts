import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

// half of a short process is compiling: the tests' own workers and the programs that they start keep what they compiled
process.env.NODE_COMPILE_CACHE ??= resolve('.pregonero/tests/compile-cache')

const inBrowser = [
  'tests/http/accessibility.test.ts',
  'tests/http/panel-*.test.ts',
  'tests/stories/*.test.ts',
]

/** What takes its time by the clock on the wall. */
const ofFaults = [
  'tests/faults/*.test.ts',
  'tests/flow/limits.test.ts',
  'tests/flow/relay-health.test.ts',
]

export default defineConfig({
  test: {
    // real processes and servers on two cores
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      // what needs no service: `npm run check` runs it too
      {
        extends: true,
        test: { name: 'structure', include: ['tests/architecture.test.ts'], maxWorkers: 3 },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/architecture.test.ts', 'tests/mail/check/**', ...ofFaults, ...inBrowser],
          globalSetup: ['tests/support/services.ts'],
          // they wait a third of their time, for disks and for each other
          maxWorkers: 3,
        },
      },
      // `npm run check:pages`: the public pages and the panel, in a browser
      {
        extends: true,
        test: {
          name: 'pages',
          include: inBrowser,
          globalSetup: ['tests/support/services.ts'],
        },
      },
      // `npm run check:mail`: what other programs say of our mails
      {
        extends: true,
        test: {
          name: 'mail',
          include: ['tests/mail/check/**/*.test.ts'],
          globalSetup: ['tests/support/mail-tools.ts'],
          testTimeout: 60_000,
        },
      },
      // `npm run test:faults`: processes, servers and relays that fail in the middle of a dispatch
      {
        extends: true,
        test: {
          name: 'faults',
          include: ofFaults,
          globalSetup: ['tests/support/services.ts'],
          testTimeout: 25 * 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
