/** The content of an edition as a form, made from its schema: any publication of jobs/ has one. */
import { html } from 'hono/html'
import { contentSchema } from '../../../content/example.ts'
import { readContent as readFrozen } from '../../../content/content.ts'
import { readFiles, type ReadNamedFile } from '../../../content/files.ts'
import { sampleFor } from '../../../content/sample.ts'
import { listTopics } from '../../../content/topics.ts'
import type { Edition } from '../../../editions/editions.ts'
import { Problem } from '../../../errors.ts'
import { addContent } from '../../../flow/add-content.ts'
import { requirePublication, titleOf } from '../../../flow/engine.ts'
import { namedFiles } from '../../../named-files.ts'
import { readYaml } from '../../../yaml-file.ts'
import { errorSummary, readForm, type FormErrors } from '../../form.ts'
import { fieldsOf, readContent, rearrange, type NamedField } from './fields.ts'
import { contentForm, errorsOf } from './form.ts'
import { editionOf } from '../edition/edition.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

export const contentRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.content(':id'), act: 'content.add', answer: contentPage },
  { method: 'POST', path: panelPaths.content(':id'), act: 'content.add', answer: saveContent },
]

type Body = Record<string, unknown>

async function contentPage(request: PanelRequest): Promise<Response> {
  const edition = await editionOf(request)
  return formPage(request, edition, await currentBody(request, edition), {
    replaces: edition.contentId,
  })
}

async function saveContent(request: PanelRequest): Promise<Response> {
  const { engine, user, c } = request
  const edition = await editionOf(request)
  const form = await readForm(c)
  const fields = formFields(request, edition)
  const body = readContent(fields, form)
  const replaces = numberOf(form.get('desde'))
  const act = form.get('accion')
  if (typeof act === 'string' && act !== 'guardar')
    return formPage(request, edition, rearrange(body, act), { replaces })
  const content = { tipo: edition.publication, ...body, muestra: false }
  try {
    await addContent(
      engine,
      user,
      {
        text: JSON.stringify(content),
        place: 'contenido',
        readFile: await storedFiles(request, edition),
        replaces,
      },
      edition.period,
    )
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const errors = errorsOf(error.faults, fields)
    return formPage(request, edition, body, { replaces, errors })
  }
  return c.redirect(c.var.link(panelPaths.edition(edition.id)), 303)
}

const numberOf = (text: unknown): number | null =>
  typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : null

function formFields({ engine }: PanelRequest, edition: Edition): NamedField[] {
  const publication = requirePublication(engine, edition.publication)
  return fieldsOf(contentSchema(publication), ['muestra'])
}

/** What it has or, when it has nothing, its dates and choices as its sample has them. */
async function currentBody(request: PanelRequest, edition: Edition): Promise<Body> {
  const { engine } = request
  if (edition.contentId !== null) return { ...(await readFrozen(engine.db, edition)).body }
  const sample = sampleFor(edition.publication, edition.nominalAt, edition.period)
  const read = readYaml(sample.text, 'muestra')
  return read.ok ? blank(formFields(request, edition), read.value as Body) : {}
}

function blank(fields: NamedField[], sample: Body): Body {
  return Object.fromEntries(
    fields.flatMap(({ name, field, isRequired }) => {
      const value = sample[name]
      if (field.kind === 'group' && isRequired)
        return [[name, blank(field.fields, (value ?? {}) as Body)]]
      if (field.kind === 'list') return field.min > 0 ? [[name, [{}]]] : []
      const isOfTheEdition =
        field.kind === 'date' ||
        field.kind === 'choice' ||
        field.kind === 'choices' ||
        (field.kind === 'text' && typeof value === 'string' && /^\d{4}-/.test(value))
      return isOfTheEdition && value !== undefined ? [[name, value]] : []
    }),
  )
}

/** Images and attachments that the content already has go on with it. */
async function storedFiles({ engine }: PanelRequest, edition: Edition): Promise<ReadNamedFile> {
  if (edition.contentId === null) return missing
  const { body } = await readFrozen(engine.db, edition)
  const files = await readFiles(engine.db, body)
  const byName = new Map(
    namedFiles(body).map(({ entry }) => [
      entry.archivo,
      files.get((entry as { sha256?: string }).sha256 ?? '')?.bytes,
    ]),
  )
  return async (name, maxBytes) => byName.get(name) ?? missing(name, maxBytes)
}

const missing: ReadNamedFile = async () => ({
  message: 'no está entre los archivos de este envío',
  remedy: 'Por ahora las imágenes y los adjuntos nuevos se agregan con `pregonero content add`',
})

async function formPage(
  request: PanelRequest,
  edition: Edition,
  body: Body,
  { replaces, errors = {} }: { replaces: number | null; errors?: FormErrors },
): Promise<Response> {
  const { engine, c } = request
  const hasErrors = Object.keys(errors).length > 0
  const choices = { topics: await listTopics(engine.db) }
  return showPanel(
    request,
    { title: `Contenido: ${titleOf(engine, edition)}`, hasErrors, status: hasErrors ? 422 : 200 },
    html`${hasErrors && errorSummary(errors)}
      <p>
        Los párrafos admiten **negritas**, *cursivas*, listas con guion y [ligas](https://…).
        <a href="${c.var.link(panelPaths.edition(edition.id))}">Volver sin guardar</a>
      </p>
      <form method="post" id="contenido-form">
        <button hidden name="accion" value="guardar">Guardar</button>
        <input type="hidden" name="desde" value="${replaces ?? ''}" />
        ${contentForm(formFields(request, edition), body, errors, choices)}
        <button name="accion" value="guardar">Guardar</button>
      </form>`,
  )
}
