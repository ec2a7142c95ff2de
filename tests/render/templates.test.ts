import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { boletinElectoral } from '../../jobs/boletin-electoral.ts'
import { formatFault } from '../../src/errors.ts'
import { renderEdition } from '../../src/render/render.ts'
import { fillTemplate, templateFaults, templatesFolder } from '../../src/render/templates.ts'
import { edition, sample } from './boletin.ts'
import { allPublications, mailDomain, publicUrl } from './samples.ts'

let path: string
let folder: URL

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'pregonero-templates-'))
  await cp(templatesFolder, path, { recursive: true })
  folder = pathToFileURL(`${path}/`)
})
afterEach(() => rm(path, { recursive: true }))

const publications = [boletinElectoral]
const faults = () => templateFaults(publications, folder).map(formatFault)

test('the templates of every publication hold', () => {
  expect(templateFaults(allPublications)).toEqual([])
})

test('a file that was changed is filled as it is now, and what was filled before does not matter', async () => {
  const fill = () => fillTemplate('text', 'x', { nombre: 'Ana' }, folder)
  await write('_layout/firma.txt.hbs', 'de {{nombre}}')
  await write('x.txt.hbs', '{{> firma}}!')
  expect([fill(), fill()]).toEqual([
    { ok: true, text: 'de Ana!' },
    { ok: true, text: 'de Ana!' },
  ])
  await write('_layout/firma.txt.hbs', 'a: {{nombre}}')
  expect(fill()).toEqual({ ok: true, text: 'a: Ana!' })
  await write('x.txt.hbs', '{{> frima}}!')
  expect([fill(), fill()]).toMatchObject([{ ok: false }, { ok: false }])
  await write('x.txt.hbs', '{{> firma}}.')
  expect(fill()).toEqual({ ok: true, text: 'a: Ana.' })
})

test('a missing template is named, with the file that was probably meant', async () => {
  await cp(join(path, 'boletin-electoral.mjml'), join(path, 'boletin-elctoral.mjml'))
  await rm(join(path, 'boletin-electoral.mjml'))
  await rm(join(path, 'boletin-electoral.txt.hbs'))
  expect(faults()).toEqual([
    'templates/boletin-electoral.mjml: is missing. Did you mean templates/boletin-elctoral.mjml?',
    'templates/boletin-electoral.txt.hbs: is missing. Create it; any other template is an example',
  ])
})

test('a publication without any template says so, whatever the folder', () => {
  const nowhere = new URL('nowhere/', folder)
  expect(templateFaults(publications, nowhere)).toHaveLength(2 * publications.length)
})

test('unknown functions, partials and slots are named with file and line, all at once, with what was meant', async () => {
  await write(
    'boletin-electoral.mjml',
    '{{#> corre}}\n{{fechaLrga titular}}\n{{#each (porDías agenda)}}{{/each}}\n{{slot "saludos"}} {{slot titular}}\n{{/corre}}',
  )
  await write('_layout/pie.mjml', '\n\n{{markdownText titular}}{{#si titular}}{{/si}}')
  await write('boletin-electoral.txt.hbs', '{{> (lookup . "x")}}\n{{log titular}}')
  expect(faults()).toEqual([
    'templates/_layout/pie.mjml:3: uses a function that does not exist (markdownText). Did you mean markdown?',
    'templates/_layout/pie.mjml:3: uses a function that does not exist (si). Did you mean if?',
    'templates/boletin-electoral.mjml:2: uses a function that does not exist (fechaLrga). Did you mean fechaLarga?',
    'templates/boletin-electoral.mjml:3: uses a function that does not exist (porDías). Did you mean porDia?',
    'templates/boletin-electoral.mjml:1: uses a partial that does not exist (corre). Did you mean correo?',
    'templates/boletin-electoral.mjml:4: uses a recipient slot that does not exist (saludos). Did you mean saludo?',
    'templates/boletin-electoral.mjml:4: uses a recipient slot that does not exist ((not a literal)). Known: saludo, nombre, baja',
    expect.stringMatching(/^templates\/boletin-electoral.txt.hbs:1: uses a function .* \(lookup\)/),
    expect.stringMatching(/^templates\/boletin-electoral.txt.hbs:2: uses a function .* \(log\)/),
    expect.stringMatching(
      /^templates\/boletin-electoral.txt.hbs:1: uses a partial .* \(\(not a literal\)\)/,
    ),
  ])
})

test('a syntax error is named with file and line', async () => {
  await write('boletin-electoral.mjml', '<mjml>\n{{#if muestra}}\n{{/each}}')
  await write('boletin-electoral.txt.hbs', 'a\nb {{titular}\nc')
  await write('_layout/pie.mjml', '{{#each x}}\n\n')
  expect(faults()).toEqual([
    expect.stringMatching(
      /^templates\/_layout\/pie\.mjml:3: is not valid Handlebars: unexpected EOF/,
    ),
    expect.stringMatching(
      /^templates\/boletin-electoral\.mjml:2: is not valid Handlebars: if doesn't match each/,
    ),
    expect.stringMatching(
      /^templates\/boletin-electoral\.txt\.hbs:2: is not valid Handlebars: .*b \{\{titular\}/,
    ),
  ])
})

test('mj-include is refused, because MJML would leave it out without a word', async () => {
  await write(
    'boletin-electoral.mjml',
    '<mjml>\n<mj-body>\n<mj-include path="x.mjml" /></mj-body></mjml>',
  )
  expect(faults()).toEqual([
    'templates/boletin-electoral.mjml:3: uses mj-include, which MJML ignores (<mj-include>). Use a partial: {{> name}}',
  ])
})

test.each([
  ['printed', '{{titulr}}', /titulr/],
  ['asked for', '{{#if titulr}}x{{/if}}', /if recibió un campo que el contenido no tiene/],
  ['gone through', '{{#each seciones}}x{{/each}}', /each recibió/],
  ['inside a loop', '{{#each secciones}}{{tituloo}}{{/each}}', /tituloo/],
  [
    'asked for inside a loop',
    '{{#each secciones}}{{#unless tituloo}}x{{/unless}}{{/each}}',
    /unless recibió/,
  ],
  [
    'given to a function',
    '{{fechaLarga fechaa}}',
    /fechaLarga esperaba un texto y recibió nothing/,
  ],
  [
    'given to an inner function',
    '{{#if (votacionEnPalabras votacin)}}x{{/if}}',
    /votacionEnPalabras/,
  ],
  ['of a text', '{{titular.x}}', /\(x\)/],
  ['of the edition', '{{edition.numero}}', /numero/],
])('a misspelt field that is %s fails, with file and line', async (_, template, message) => {
  await write(
    'boletin-electoral.mjml',
    `{{#> correo color="#000" filete="#000"}}\n\n${template}{{/correo}}`,
  )
  await write('_layout/correo.mjml', 'x{{> @partial-block}}')
  const { publication, body } = sample()
  const result = await renderEdition(publication, body, edition, { mailDomain, publicUrl, folder })
  expect(result.ok).toBe(false)
  if (result.ok) return
  expect(result.faults).toHaveLength(1)
  expect(result.faults[0]?.place).toBe('templates/boletin-electoral.mjml:3')
  expect(formatFault(result.faults[0]!)).toMatch(message)
})

test('a failure inside a partial is named with the file of the partial', async () => {
  await write('_layout/encabezado.mjml', '\n{{publication.nombre}}')
  await write('_layout/agenda.txt.hbs', '\n\n\n{{horas tiempo}}')
  const { publication, body } = sample()
  const result = await renderEdition(publication, body, edition, { mailDomain, publicUrl, folder })
  expect(result.ok ? [] : result.faults.map(({ place }) => place)).toEqual([
    'templates/_layout/encabezado.mjml:2',
    'templates/_layout/agenda.txt.hbs:4',
  ])
})

test('an optional field that the content leaves out is empty, not unknown', async () => {
  await write(
    'boletin-electoral.txt.hbs',
    '{{#each secciones}}{{#each notas}}[{{url}}]{{/each}}{{/each}}',
  )
  const { publication, body } = sample()
  const result = await renderEdition(publication, body, edition, { mailDomain, publicUrl, folder })
  expect(result.ok && result.rendering.plainText).toBe(
    '[https://example.org/consejo-general][][https://www.iecm.mx/][]\n',
  )
})

test('a template reaches fields, never prototypes', async () => {
  await write(
    'x.txt.hbs',
    '{{edition.constructor}}{{__proto__}}{{edition.toString}}{{constructor.name}}',
  )
  const filled = fillTemplate('text', 'x', { edition: {} }, folder)
  expect(filled.ok ? filled.text : '').toBe('')
})

test('what MJML refuses is told with the offending line', async () => {
  const template = await readFile(join(path, 'boletin-electoral.mjml'), 'utf8')
  await write('boletin-electoral.mjml', template.replace('<mj-text>', '<mj-text colour="red">'))
  const { publication, body } = sample()
  const result = await renderEdition(publication, body, edition, { mailDomain, publicUrl, folder })
  expect(result.ok ? [] : result.faults.map(formatFault)).toEqual([
    expect.stringContaining(
      'templates/boletin-electoral.mjml: MJML no la acepta: Attribute colour is illegal',
    ),
  ])
})

test('a mail that does not say its language is refused', async () => {
  const layout = await readFile(join(path, '_layout/correo.mjml'), 'utf8')
  await write('_layout/correo.mjml', layout.replace('lang="es-MX"', ''))
  const { publication, body } = sample()
  const result = await renderEdition(publication, body, edition, { mailDomain, publicUrl, folder })
  expect(result.ok ? [] : result.faults.map(({ message }) => message)).toEqual([
    'no dice su idioma',
  ])
})

async function write(file: string, text: string): Promise<void> {
  await writeFile(join(path, file), text)
}
