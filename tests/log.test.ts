import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

/** What a process that ran `script` with `log` wrote, on stdout and, line by line, on stderr. */
function logged(script: string): {
  stdout: string
  lines: Record<string, unknown>[]
  text: string
} {
  const url = new URL('../src/log.ts', import.meta.url)
  const program = `import { createLog } from ${JSON.stringify(url.href)}
    const log = createLog({ level: 'info', name: 'cli' })
    ${script}`
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { encoding: 'utf8' },
  )
  const lines = stderr.split('\n').filter(Boolean)
  return { stdout, text: stderr, lines: lines.map((line) => JSON.parse(line)) }
}

test('logs are JSON lines on stderr with level, time and process, and stdout is left to results', () => {
  const { stdout, lines } = logged("log.debug('unseen'); log.warn({ edition: 7 }, 'held')")
  expect(stdout).toBe('')
  expect(lines).toMatchObject([{ level: 'warn', process: 'cli', edition: 7, msg: 'held' }])
  expect(lines[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
})

test('no address is logged whole, wherever it stands', () => {
  const { text, lines } = logged(`
    log.info({ to: 'ana.ruiz@iecm.mx', list: ['José.Núñez@correo.iecm.mx'] }, 'sent to <luis.paz@iecm.mx>')
    log.info({ answer: '550 5.1.1\\r\\nmaria.sol@iecm.mx: unknown' }, 'rejected "pedro.gil@iecm.mx"')
    log.error({ err: new Error('no mailbox eva.luz@iecm.mx', { cause: new Error('rosa.paz@iecm.mx') }) })
  `)
  expect(lines).toHaveLength(3)
  expect(lines[0]).toMatchObject({ to: 'an…@iecm.mx', list: ['Jo…@correo.iecm.mx'] })
  expect(text).not.toMatch(/ruiz|Núñez|luis\.|sol@|gil@|luz@|paz@/)
})

test('of an error its name, message, code and causes are logged, and nothing that a driver hung on it', () => {
  const { text, lines } = logged(`
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const error = new TypeError('no answer', { cause })
    log.error({ err: Object.assign(error, { client: { password: 'hunter2' } }) }, 'lost')
  `)
  expect(lines).toMatchObject([
    {
      err: { name: 'TypeError', message: 'no answer', cause: { code: 'ECONNREFUSED' } },
      msg: 'lost',
    },
  ])
  expect(text).not.toContain('hunter2')
})

test('an error is described wherever it stands, and what a driver hung on it stays out there too', () => {
  const { text, lines } = logged(`
    const lost = Object.assign(new Error('lost'), { client: { password: 'hunter2' } })
    log.warn({ queue: { name: 'planner', error: lost }, tried: [lost] }, 'away')
    log.error(lost)
  `)
  expect(lines).toMatchObject([
    {
      queue: { name: 'planner', error: { name: 'Error', message: 'lost' } },
      tried: [{ message: 'lost' }],
    },
    { err: { message: 'lost' }, msg: 'lost' },
  ])
  expect(text).not.toContain('hunter2')
})

test('of several errors thrown together each is logged with its cause', () => {
  const { lines } = logged(`
    const first = new Error('edition 1', { cause: new Error('deadlock') })
    log.error({ err: new AggregateError([first, new TypeError('edition 2')], 'two failed') })
  `)
  expect(lines).toMatchObject([
    {
      err: {
        name: 'AggregateError',
        errors: [
          { message: 'edition 1', cause: { message: 'deadlock' } },
          { name: 'TypeError', message: 'edition 2' },
        ],
      },
    },
  ])
})

test('causes that go round in a circle are logged, and an end is made', () => {
  const { lines } = logged(`
    const error = new Error('round')
    error.cause = error
    log.error({ err: error }, 'and round')
  `)
  expect(lines).toMatchObject([{ msg: 'and round', err: { cause: { message: 'round' } } }])
})

test('addresses are masked in nested errors, in their causes and in what a relay answered', () => {
  const { text } = logged(`
    const answer = '550-5.1.1 <ana.ruiz@iecm.mx>: Recipient address rejected\\r\\n550 to=luis.paz@iecm.mx'
    const cause = new Error(answer, { cause: new Error('rcpt maria.sol@iecm.mx') })
    log.error({ err: new AggregateError([new Error('x', { cause })], 'pedro.gil@iecm.mx') })
    log.info({ outcome: { smtpText: answer, errors: [cause] } }, answer)
  `)
  expect(text).toContain('an…@iecm.mx')
  expect(text).not.toMatch(/ruiz|paz@|sol@|gil@/)
})
