import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compileMjml } from '../../src/render/mjml-compile.ts'

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

test('a compiler that hangs is killed, and what it had said is kept', async () => {
  const program = await childProgram('console.error("pensando"); setInterval(() => {}, 1000)')
  const startedAt = performance.now()
  await expect(compileMjml('x', { program, timeoutMs: 1000 })).rejects.toThrow(
    /did not finish within 1000 ms\npensando/,
  )
  expect(performance.now() - startedAt).toBeLessThan(10_000)
})

test('a compiler that does not listen to SIGTERM is killed all the same', async () => {
  const program = await childProgram('process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)')
  await expect(compileMjml('x', { program, timeoutMs: 500 })).rejects.toThrow(/did not finish/)
})

test('a compiler that crashes says why, even when it has not read its input', async () => {
  const program = await childProgram('console.error("sin memoria"); process.exit(9)')
  await expect(compileMjml('x'.repeat(1_000_000), { program })).rejects.toThrow(
    /exit code 9\nsin memoria/,
  )
})

test('the compiler sees none of our secrets', async () => {
  process.env['SECRET_KEY_OF_THIS_TEST'] = 'x'
  const program = await childProgram(
    'process.stdout.write(JSON.stringify({ ok: true, html: Object.keys(process.env).join() }))',
  )
  const result = await compileMjml('x', { program })
  expect(result.ok && result.html).not.toContain('SECRET')
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

async function childProgram(code: string): Promise<URL> {
  const path = join(folder, 'child.mjs')
  await writeFile(path, code)
  return pathToFileURL(path)
}
