import { defineConfig } from 'vitest/config'

const inBrowser = ['tests/http/accessibility.test.ts', 'tests/http/panel-*.test.ts']

export default defineConfig({
  test: {
    // real processes and servers on two cores
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      // what needs no service: `npm run check` runs it too
      { extends: true, test: { name: 'structure', include: ['tests/architecture.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/architecture.test.ts', 'tests/mail/check/**', ...inBrowser],
          globalSetup: ['tests/support/services.ts'],
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
    ],
  },
})
