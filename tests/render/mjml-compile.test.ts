import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { compileMjml, mjmlCompiler, type MjmlResult } from '../../src/render/mjml-compile.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pregonero-mjml-'))
})
afterEach(() => rm(folder, { recursive: true }))

const page = (content: string) =>
  `<mjml lang="es-MX"><mj-body><mj-section><mj-column>${content}</mj-column></mj-section></mj-body></mjml>`

test('text, entities, braces and recipient slots pass through MJML unchanged', async () => {
  const text =
    'Ñandú «—» 😀 &lt;b&gt; &amp; &#x27; {{x}} [[y]] \ue000saludo\ue001 <a href="https://a.mx/?x&#x3D;\ue000nombre\ue001">z</a>'
  const result = await compileMjml(page(`<mj-text>${text}</mj-text>`))
  expect(result.ok && result.html).toContain(`>${text}</div>`)
})

test('no mail imports a web font, whatever fonts it names', async () => {
  const result = await compileMjml(page('<mj-text font-family="Roboto, Lato">x</mj-text>'))
  expect(result.ok && result.html).not.toMatch(/@import|<link|googleapis/)
})

test('what strict validation refuses comes back as data, with lines', async () => {
  expect(await compileMjml(page('\n<mj-foo>x</mj-foo>'))).toEqual({
    ok: false,
    errors: [
      { line: 2, tagName: 'mj-foo', message: "Element mj-foo doesn't exist or is not registered" },
    ],
  })
})

test('mails compile one after another in the same child, the same bytes each time', async () => {
  const compiler = mjmlCompiler({ program: await childProgram(answerWith('process.pid')) })
  const answers = await Promise.all([compiler.compile('a'), compiler.compile('b')])
  answers.push(await compiler.compile('c'))
  expect(new Set(answers.map(pidIn)).size).toBe(1)

  const [first, second] = [page('<mj-text>uno</mj-text>'), page('<mj-button>dos</mj-button>')]
  const one = await compileMjml(first)
  await compileMjml(second)
  await compileMjml(page('<mj-foo />'))
  expect(await compileMjml(first)).toEqual(one)
  expect(await mjmlCompiler({ idleMs: 0 }).compile(first)).toEqual(one)
})

test('a child that has nothing to do ends, and the next mail starts another', async () => {
  const program = await childProgram(answerWith('process.pid'))
  const compiler = mjmlCompiler({ program, idleMs: 50 })
  const pid = pidIn(await compiler.compile('a'))
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(/ESRCH/), 10_000)
  expect(pidIn(await compiler.compile('b'))).not.toBe(pid)
})

test('a warm child does not keep its process alive, and ends with it', async () => {
  const program = await childProgram(answerWith('process.pid'))
  const parent = join(folder, 'parent.ts')
  await writeFile(
    parent,
    `import { mjmlCompiler } from ${JSON.stringify(new URL('../../src/render/mjml-compile.ts', import.meta.url).href)}
    const answer = await mjmlCompiler({ program: new URL('${program.href}'), idleMs: 600_000 }).compile('a')
    console.log(answer.html)`,
  )
  const { stdout } = await promisify(execFile)(process.execPath, [parent], { timeout: 20_000 })
  expect(Number(stdout)).toBeGreaterThan(0)
  await vi.waitFor(() => expect(() => process.kill(Number(stdout), 0)).toThrow(/ESRCH/), 10_000)
})

test('a compiler that hangs is killed, and what it had said is kept', async () => {
  const program = await childProgram('console.error("pensando"); setInterval(() => {}, 1000)')
  const startedAt = performance.now()
  await expect(mjmlCompiler({ program, timeoutMs: 1000 }).compile('x')).rejects.toThrow(
    /did not finish within 1000 ms\npensando/,
  )
  expect(performance.now() - startedAt).toBeLessThan(10_000)
})

test('a compiler that does not listen to SIGTERM is killed all the same', async () => {
  const program = await childProgram('process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)')
  await expect(mjmlCompiler({ program, timeoutMs: 500 }).compile('x')).rejects.toThrow(
    /did not finish/,
  )
})

test('a compiler that crashes says why, even when it has not read its input', async () => {
  const program = await childProgram('console.error("sin memoria"); process.exit(9)')
  await expect(mjmlCompiler({ program }).compile('x'.repeat(1_000_000))).rejects.toThrow(
    /exit code 9\nsin memoria/,
  )
})

test('a mail that hangs or crashes the compiler fails alone: those behind it get another child', async () => {
  const program = await childProgram(
    `process.on('message', ({ mjml }) => {
      if (mjml === 'crash') throw new Error('no puedo')
      if (mjml !== 'hang') process.send({ ok: true, html: String(process.pid) })
    })`,
  )
  const compiler = mjmlCompiler({ program, timeoutMs: 2000 })
  const mails = ['a', 'crash', 'b', 'hang', 'c'].map((mjml) => compiler.compile(mjml))
  const [a, crash, b, hang, c] = await Promise.allSettled(mails)
  expect(String(crash?.status === 'rejected' && crash.reason)).toMatch(/exit code 1\n.*no puedo/s)
  expect(String(hang?.status === 'rejected' && hang.reason)).toMatch(
    /did not finish within 2000 ms/,
  )
  const pids = [a, b, c].map((mail) => mail?.status === 'fulfilled' && pidIn(mail.value))
  expect(new Set(pids).size).toBe(3)
  expect(pids).not.toContain(false)
})

test('a compiler that cannot be started says so', async () => {
  const program = pathToFileURL(join(folder, 'missing', 'child.mjs'))
  await expect(mjmlCompiler({ program }).compile('x')).rejects.toThrow(
    /The MJML compiler (cannot be run|ended with)/,
  )
})

test('the compiler sees none of our secrets', async () => {
  process.env['SECRET_KEY_OF_THIS_TEST'] = 'x'
  const program = await childProgram(answerWith('Object.keys(process.env).join()'))
  const result = await mjmlCompiler({ program }).compile('x')
  expect(['', 'SystemRoot']).toContain(result.ok && result.html)
})

test('only the child imports mjml', async () => {
  const source = new URL('../../src/', import.meta.url)
  const files = (await readdir(source, { recursive: true })).filter((file) => file.endsWith('.ts'))
  const importers: string[] = []
  for (const file of files) {
    if (/(from|import|require)\W+mjml['"]/.test(await readFile(new URL(file, source), 'utf8')))
      importers.push(file)
  }
  expect(importers).toEqual([join('render', 'mjml-child.ts')])
})

/** A program that answers every mail with the value of an expression. */
const answerWith = (expression: string) =>
  `process.on('message', () => process.send({ ok: true, html: String(${expression}) }))`

const pidIn = (result: MjmlResult): number => (result.ok ? Number(result.html) : Number.NaN)

async function childProgram(code: string): Promise<URL> {
  const path = join(folder, 'child.mjs')
  await writeFile(path, code)
  return pathToFileURL(path)
}
