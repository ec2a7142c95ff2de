/** First step of an import: the file, the list, and where its people agreed to be written to. */
import { html } from 'hono/html'
import { withSpooled } from '../../../audience/import-file/file.ts'
import { allLists, listKindNames, type List } from '../../../audience/lists.ts'
import { Problem } from '../../../errors.ts'
import { stageContacts } from '../../../flow/import-contacts.ts'
import type { Html } from '../../env.ts'
import { errorSummary, marks, notes, readForm, textField, type FormErrors } from '../../form.ts'
import {
  consentFields,
  errorsOf,
  givenConsent,
  readConsent,
  type WrittenConsent,
} from './consent.ts'
import { lineOf } from './parts.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

export const uploadRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.upload, act: 'contacts.import', answer: uploadPage },
  { method: 'POST', path: panelPaths.upload, act: 'contacts.import', answer: uploadAct },
]

/** As it was written, to be shown again: nobody types a thing twice. */
interface Written extends WrittenConsent {
  list: string
  column: string
}

const nothing: Written = {
  list: '',
  column: '',
  origin: '',
  consentedOn: '',
  noticeVersion: '',
  evidence: '',
}

function uploadPage(request: PanelRequest): Promise<Response> {
  return showUpload(request, nothing)
}

async function uploadAct(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const form = await readForm(c)
  const written: Written = {
    list: lineOf(form, 'lista', 100),
    column: lineOf(form, 'columna', 200),
    ...readConsent(form),
  }
  const file = form.get('archivo')
  if (!(file instanceof File) || (file.name === '' && file.size === 0)) {
    return showUpload(request, written, { archivo: 'Elija el archivo de los contactos.' })
  }
  try {
    const staged = await withSpooled(file.stream(), shownName(file.name), (spooled) =>
      stageContacts(engine, user, spooled, {
        ...(written.list !== '' && { list: written.list }),
        ...(written.column !== '' && { columns: { correo: written.column } }),
        consent: givenConsent(written),
      }),
    )
    return c.redirect(c.var.link(panelPaths.import(staged.import.id)), 303)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return showUpload(request, written, errorsOf(error.faults))
  }
}

/** To be shown and nothing else: no folders, and nothing that cannot be seen. */
function shownName(name: string): string {
  const base = name.split(/[/\\]/).at(-1) ?? ''
  const visible = base.replaceAll(/\p{C}+/gu, ' ').trim()
  return visible.slice(0, 120) || 'archivo sin nombre'
}

async function showUpload(
  request: PanelRequest,
  written: Written,
  errors: FormErrors = {},
): Promise<Response> {
  const { c, engine } = request
  const lists = await allLists(engine.db)
  const hasErrors = Object.keys(errors).length > 0
  const file = {
    id: 'archivo',
    label: 'Archivo CSV o XLSX',
    hint: 'De 20 MB a lo más, con una fila de encabezados: correo, nombre, lista. Se aceptan CSV de Excel.',
    error: errors.archivo,
  }
  return showPanel(
    request,
    { title: 'Importar contactos', hasErrors, ...(hasErrors && { status: 422 as const }) },
    html`${hasErrors && errorSummary(errors)}
      ${
        hasErrors &&
        html`<p>
          Se conserva lo que escribió; elija de nuevo el archivo, que el navegador no guarda.
        </p>`
      }
      <p class="lead">
        Paso 1 de 3: elegir el archivo. Nada se escribe en las listas hasta que lo revise y
        confirme.
      </p>
      <form
        method="post"
        action="${c.var.link(panelPaths.upload)}"
        enctype="multipart/form-data"
        novalidate
      >
        <div class="field ${file.error && 'has-problem'}">
          <label for="archivo">${file.label}</label>
          ${notes(file)}
          <input
            id="archivo"
            name="archivo"
            type="file"
            accept=".csv,.txt,.xlsx,text/csv"
            required
            ${marks(file)}
          />
        </div>
        ${listField(lists, written.list, errors.lista)}
        <details ${(written.column !== '' || errors.columna) && html`open`}>
          <summary>El encabezado de la columna de correo no se reconoce</summary>
          ${textField({
            id: 'columna',
            name: 'columna',
            label: 'Encabezado de la columna de correo',
            hint: 'Solo si no se llama correo, e-mail o parecido: escríbalo como está en el archivo.',
            type: 'text',
            value: written.column,
            autocomplete: 'off',
            maxLength: 200,
            error: errors.columna,
          })}
        </details>
        <fieldset>
          <legend>Consentimiento</legend>
          <p class="hint">
            Las listas externas requieren origen, fecha y versión del aviso. Puede completarse
            también en la revisión.
          </p>
          ${consentFields(request, written, errors)}
        </fieldset>
        <button>Subir y revisar</button>
      </form>`,
  )
}

function listField(lists: List[], chosen: string, error: string | undefined): Html {
  const field = {
    id: 'lista',
    label: 'Lista de todas las filas',
    hint: 'Si el archivo tiene una columna de lista, deje la primera opción.',
    error,
  }
  return html`<div class="field ${error && 'has-problem'}">
    <label for="lista">${field.label}</label>
    ${notes(field)}
    <select id="lista" name="lista" ${marks(field)}>
      <option value="">La que diga el archivo</option>
      ${lists.map(
        ({ slug, name, kind }) =>
          html`<option value="${slug}" ${slug === chosen && html`selected`}>
            ${name} (${listKindNames[kind]})
          </option>`,
      )}
    </select>
  </div>`
}
