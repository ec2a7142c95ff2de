/** One row of the manual register: adding it, changing it without losing what somebody else changed, taking it out. */
import { html } from 'hono/html'
import { listTopics } from '../../../content/topics.ts'
import { Problem } from '../../../errors.ts'
import { addRow, editRow } from '../../../flow/register.ts'
import { may } from '../../../people/users.ts'
import { definitionOf, tablesOf, type TableDefinition } from '../../../report/definition.ts'
import type { Quarter } from '../../../report/quarter.ts'
import { versionOf, type RegisterRow } from '../../../report/register.ts'
import { readForm, textOf, type FormErrors } from '../../form.ts'
import { facts } from '../../page.ts'
import { showPanel } from '../page.ts'
import { noTable } from './files.ts'
import { quarterOf } from './parts.ts'
import { closedNote } from './register.ts'
import {
  draftFrom,
  emptyValues,
  errorsOf,
  readRow,
  rowForm,
  valuesOf,
  type RowValues,
} from './row-form.ts'
import { backToRegister, done, findRow, rowFacts, rowOf } from './row-parts.ts'
import { removeAct, removePage } from './row-remove.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

const newPath = panelPaths.newRow(':quarter', ':table')
const rowPath = panelPaths.row(':quarter', ':row')
const removePath = panelPaths.removeRow(':quarter', ':row')

export const rowRoutes: PanelRoute[] = [
  { method: 'GET', path: newPath, act: 'register.edit', answer: newRowPage },
  { method: 'POST', path: newPath, act: 'register.edit', answer: addAct },
  { method: 'GET', path: rowPath, act: 'panel.see', answer: rowPage },
  { method: 'POST', path: rowPath, act: 'register.edit', answer: editAct },
  { method: 'GET', path: removePath, act: 'register.edit', answer: removePage },
  { method: 'POST', path: removePath, act: 'register.edit', answer: removeAct },
]

function tableOf({ c, engine }: PanelRequest, quarter: Quarter, id?: string): TableDefinition {
  const asked = id ?? c.req.param('table')
  const found = tablesOf(definitionOf(engine.reportDefinitions, quarter.year)).find(
    (table) => table.id === asked,
  )
  if (found) return found
  throw noTable(quarter.name)
}

async function newRowPage(request: PanelRequest): Promise<Response> {
  const quarter = quarterOf(request)
  const table = tableOf(request, quarter)
  return showNewRow(request, quarter, table, { values: emptyValues(table), errors: {} })
}

interface Typed {
  values: RowValues
  errors: FormErrors
}

async function showNewRow(
  request: PanelRequest,
  quarter: Quarter,
  table: TableDefinition,
  typed: Typed,
): Promise<Response> {
  const { c, engine } = request
  const hasErrors = Object.keys(typed.errors).length > 0
  return showPanel(
    request,
    { title: `Agregar un renglón a ${table.id}`, hasErrors, ...(hasErrors && { status: 422 }) },
    html`${backToRegister(request, quarter)}
      <p class="lead">${table.nombre}, ${quarter.name}</p>
      ${await closedNote(request, quarter)}
      ${rowForm({
        table,
        ...typed,
        topics: await listTopics(engine.db),
        action: c.var.link(panelPaths.newRow(quarter.name, table.id)),
      })}`,
  )
}

async function addAct(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const quarter = quarterOf(request)
  const table = tableOf(request, quarter)
  const typed = readRow(await readForm(c), table)
  const errors = await errorsFrom(typed, table, () =>
    addRow(engine, engine.reportDefinitions, user, {
      ...draftFrom(table, typed.values),
      quarter: quarter.name,
      publication: null,
      printedDate: null,
      sourceKey: null,
    }),
  )
  if (errors) return showNewRow(request, quarter, table, { ...typed, errors })
  return done(request, quarter, 'agregado')
}

/** Nothing when the act was done; otherwise what is wrong, by field. */
async function errorsFrom(
  { errors }: Typed,
  table: TableDefinition,
  act: () => Promise<unknown>,
): Promise<FormErrors | undefined> {
  if (Object.keys(errors).length > 0) return errors
  try {
    await act()
    return undefined
  } catch (error) {
    if (error instanceof Problem && error.kind === 'invalid') return errorsOf(error.faults, table)
    throw error
  }
}

async function rowPage(request: PanelRequest): Promise<Response> {
  const quarter = quarterOf(request)
  const row = await rowOf(request, quarter)
  const table = tableOf(request, quarter, row.tableId)
  return showRow(request, quarter, row, { values: valuesOf(table, row), errors: {} })
}

/** `overtaken`: somebody changed it since it was read; what was typed is still in the form. */
async function showRow(
  request: PanelRequest,
  quarter: Quarter,
  row: RegisterRow,
  typed: Typed,
  { overtaken = false } = {},
): Promise<Response> {
  const { c, engine, user } = request
  const table = tableOf(request, quarter, row.tableId)
  const hasErrors = Object.keys(typed.errors).length > 0
  const status = overtaken ? 409 : hasErrors ? 422 : 200
  return showPanel(
    request,
    { title: `Renglón ${row.id} de ${table.id}`, hasErrors: hasErrors || overtaken, status },
    html`${backToRegister(request, quarter)}
    ${
      overtaken &&
      html`<div class="box wrong" role="alert" tabindex="-1" autofocus>
        <h2>Otra persona lo cambió mientras tanto</h2>
        <p>
          No se guardó nada. Abajo está cómo quedó y, en el formulario, lo que se escribió aquí:
          guardar otra vez pone esto en lugar de aquello.
        </p>
      </div>`
    }
    ${await rowFacts(request, row)} ${await closedNote(request, quarter)}
    ${
      may(user, 'register.edit') &&
      html`<section>
        <h2>Editar</h2>
        ${rowForm({
          table,
          ...typed,
          topics: await listTopics(engine.db),
          action: c.var.link(panelPaths.row(quarter.name, row.id)),
          version: versionOf(row),
        })}
        <p>
          <a href="${c.var.link(panelPaths.removeRow(quarter.name, row.id))}"
            >Quitar este renglón</a
          >
        </p>
      </section>`
    }`,
  )
}

async function editAct(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const quarter = quarterOf(request)
  const form = await readForm(c)
  const row = await findRow(request, quarter)
  if (!row) return showLost(request, quarter, form)
  const table = tableOf(request, quarter, row.tableId)
  const typed = readRow(form, table)
  // a form without its version is of nobody's reading
  const version = textOf(form, 'version')
  if (version !== versionOf(row)) return showRow(request, quarter, row, typed, { overtaken: true })
  try {
    const errors = await errorsFrom(typed, table, () =>
      editRow(engine, engine.reportDefinitions, user, row.id, draftFrom(table, typed.values), {
        version,
      }),
    )
    if (errors) return await showRow(request, quarter, row, { ...typed, errors })
  } catch (error) {
    if (!(error instanceof Problem) || error.kind !== 'refused') throw error
    const now = await rowOf(request, quarter)
    return showRow(request, quarter, now, typed, { overtaken: true })
  }
  return done(request, quarter, 'guardado')
}

/** Somebody took the row out while it was edited: what was typed is shown, to be added anew. */
function showLost(request: PanelRequest, quarter: Quarter, form: FormData): Promise<Response> {
  const typed = [...form].flatMap(([name, value]) =>
    name !== 'version' && typeof value === 'string' && value.trim() !== '' ? [[name, value]] : [],
  )
  return showPanel(
    request,
    { title: 'El renglón ya no está', status: 404 },
    html`${backToRegister(request, quarter)}
      <div class="box wrong" role="alert">
        <p>
          No está entre los de ${quarter.name}: quizá alguien lo quitó. Si debe estar, agregarlo
          otra vez desde la lista.
        </p>
      </div>
      ${
        typed.length > 0 &&
        html`<h2>Lo que se escribió</h2>
          ${facts(Object.fromEntries(typed.slice(0, 20)))}`
      }`,
  )
}
