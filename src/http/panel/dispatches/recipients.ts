/** Recipients of an edition, page by page or as CSV. Addresses are whole for few, and each such look is written down. */
import { stringify } from 'csv-stringify/sync'
import { html } from 'hono/html'
import { Readable } from 'node:stream'
import type { Edition } from '../../../editions/editions.ts'
import { permits } from '../../../editions/machine.ts'
import { Problem } from '../../../errors.ts'
import { titleOf, type Engine } from '../../../flow/engine.ts'
import {
  answersLooked,
  answersOfEdition,
  type AnswerGroup,
  type Place,
  placeOfDelivery,
  recipientsOfEdition,
  type RecipientOfEdition,
} from '../../../ledger/recipients.ts'
import { totalsOf } from '../../../ledger/totals.ts'
import { neutralise } from '../../../neutralise.ts'
import { may } from '../../../people/users.ts'
import {
  deliveryStateNames,
  deliveryStates,
  recipientsOf,
  type DeliveryState,
  type Totals,
} from '../../../states.ts'
import type { Html } from '../../env.ts'
import { errorSummary, type FormErrors } from '../../form.ts'
import { addressesFor } from './addresses.ts'
import { reasonText, scrolling, selectField, shortMoment, totalsInWords } from './parts.ts'
import { prunedNote, refusePruned } from './pruned.ts'
import { editionOf } from '../edition/find.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest } from '../route.ts'

const pageSize = 100
const csvBatch = 2_000

interface Asked {
  state: DeliveryState | undefined
  /** The last of the page before. */
  after: Place | undefined
  errors: FormErrors
}

export async function recipientsPage(request: PanelRequest): Promise<Response> {
  const { c, engine } = request
  const edition = await editionOf(request)
  const asked = await readAsked(request, edition)
  const totals = await totalsOf(engine.db, edition.id)
  const hasErrors = Object.keys(asked.errors).length > 0
  const isFirst = asked.after === undefined
  const isKept = edition.prunedAt === null
  return showPanel(
    request,
    {
      title: `Destinatarios: ${titleOf(engine, edition)}`,
      hasErrors,
      ...(hasErrors && { status: 400 }),
    },
    html`${hasErrors && errorSummary(asked.errors)}
      <p class="lead">${totalsInWords(totals)}</p>
      <p><a href="${c.var.link(panelPaths.edition(edition.id))}">Volver a la edición</a></p>
      ${isKept && isFirst && (await answers(request, edition, totals))}
      ${isKept && offers(request, edition, totals)}
      <section id="lista" tabindex="-1">
        <h2>Uno por uno</h2>
        ${
          isKept
            ? html`${filterForm(request, edition, asked)}
              ${
                hasErrors
                  ? html`<p>No se buscó: hay datos por corregir.</p>`
                  : await list(request, edition, asked, totals)
              }`
            : prunedNote(edition)
        }
      </section>`,
  )
}

async function readAsked({ c, engine }: PanelRequest, { id }: Edition): Promise<Asked> {
  const errors: FormErrors = {}
  const stateText = c.req.query('estado') ?? ''
  const state = deliveryStates.find((one) => one === stateText)
  if (stateText !== '' && !state)
    errors['estado'] = 'El estado no está entre las opciones: elija una de ellas'
  const afterText = c.req.query('despues')
  const after =
    afterText !== undefined && /^\d{1,15}$/.test(afterText)
      ? await placeOfDelivery(engine.db, id, Number(afterText))
      : undefined
  if (afterText !== undefined && after === undefined)
    errors['lista'] = 'No existe esa página de la lista: vuelva a la primera'
  return { state, after, errors }
}

/** What the servers said, above all in a dispatch that went wrong: one line a code. */
async function answers({ engine }: PanelRequest, { id }: Edition, totals: Totals): Promise<Html> {
  if (totals.deferred + totals.rejected + totals.failed + totals.unknown === 0) return html``
  const groups = await answersOfEdition(engine.db, id)
  if (groups.length === 0) return html``
  return html`<section>
    <h2>Fallos por respuesta del servidor</h2>
    ${scrolling(
      `Direcciones sin aceptar, por código de SMTP${ofLooked(groups)}`,
      ['Código', 'Estado', 'Direcciones'],
      groups.map(({ code, state, deliveries }) => [
        code ?? 'sin código',
        deliveryStateNames[state],
        deliveries.toLocaleString('es-MX'),
      ]),
    )}
  </section>`
}

const ofLooked = (groups: AnswerGroup[]): string =>
  groups.reduce((sum, { deliveries }) => sum + deliveries, 0) < answersLooked
    ? ''
    : ` (de ${answersLooked.toLocaleString('es-MX')} que se revisaron)`

/** What its operator can do about them. */
function offers({ c, user }: PanelRequest, { id, state }: Edition, totals: Totals): Html {
  if (!may(user, 'edition.control')) return html``
  const canResend = permits('resend', state) && totals.failed + totals.rejected > 0
  return html`${
    canResend &&
    html`<p>
      <a href="${c.var.link(panelPaths.edition(id))}#reenviar">Reenviar a fallidos</a>
    </p>`
  }
  ${
    totals.unknown > 0 &&
    html`<p>
      <a href="${c.var.link(panelPaths.resolve(id))}"
        >Resolver ${totals.unknown.toLocaleString('es-MX')} de resultado incierto</a
      >
    </p>`
  }`
}

function filterForm({ c }: PanelRequest, { id }: Edition, { state, errors }: Asked): Html {
  return html`<form method="get" action="${c.var.link(panelPaths.recipients(id))}">
    ${selectField({
      id: 'estado',
      label: 'Estado',
      value: state ?? '',
      all: 'Todos',
      options: deliveryStates.map((one) => [one, deliveryStateNames[one]]),
      error: errors['estado'],
    })}
    <button class="second slim">Filtrar</button>
  </form>`
}

async function list(
  request: PanelRequest,
  edition: Edition,
  { state, after }: Asked,
  totals: Totals,
): Promise<Html> {
  const { c, engine } = request
  const sum = state === undefined ? recipientsOf(totals) : totals[state]
  // the tally knows: an edition is not read to find that none is so
  const found =
    sum === 0
      ? []
      : await recipientsOfEdition(engine.db, {
          editionId: edition.id,
          limit: pageSize + 1,
          ...(state !== undefined && { state }),
          ...(after !== undefined && { after }),
        })
  const rows = found.slice(0, pageSize)
  if (rows.length === 0) return noRows(request, edition, { state, after }, sum)
  const show = await addressesFor(request, edition, { rows: rows.length })
  const query = state === undefined ? '' : `estado=${state}`
  const here = c.var.link(panelPaths.recipients(edition.id))
  const last = rows.at(-1)!
  return html`<p>
      <a href="${c.var.link(panelPaths.recipientsCsv(edition.id))}${query && `?${query}`}"
        >Descargar en CSV (${sum.toLocaleString('es-MX')})</a
      >
    </p>
    ${scrolling(
      'Destinatarios, en el orden de sus direcciones',
      ['Dirección', 'Estado', 'Motivo', 'Intentos', 'Actualizado'],
      rows.map((row) => [
        `${show(row.address)}${row.isGroup ? ' (dirección de grupo)' : ''}`,
        deliveryStateNames[row.state],
        reasonText(row),
        String(row.attempts),
        shortMoment(row.updatedAt),
      ]),
    )}
    <nav class="pager" aria-label="Páginas de destinatarios">
      ${after !== undefined && html`<a href="${here}${query && `?${query}`}">Primera página</a>`}
      ${
        found.length > pageSize &&
        html`<a rel="next" href="${here}?${query && `${query}&`}despues=${last.id}"
          >Siguientes ${pageSize}</a
        >`
      }
    </nav>`
}

function noRows(
  { c }: PanelRequest,
  { id }: Edition,
  { state, after }: Pick<Asked, 'state' | 'after'>,
  sum: number,
): Html {
  const all = html`<a href="${c.var.link(panelPaths.recipients(id))}">Ver desde el principio</a>`
  if (after !== undefined) return html`<p>No hay más destinatarios. ${all}.</p>`
  if (sum > 0) return html`<p>El detalle ya se depuró: de este envío quedan los totales.</p>`
  return state === undefined
    ? html`<p>Todavía no tiene destinatarios: se fijan cuando sale.</p>`
    : html`<p>Ninguno tiene el estado «${deliveryStateNames[state]}». ${all}.</p>`
}

export async function recipientsCsv(request: PanelRequest): Promise<Response> {
  const { c, engine } = request
  const edition = await editionOf(request)
  refusePruned(edition)
  const { state, errors } = await readAsked(request, edition)
  const [fault] = Object.values(errors)
  if (fault !== undefined) {
    const remedy = 'Descárguelo desde la página de los destinatarios'
    throw new Problem('invalid', { place: 'archivo CSV', message: fault, remedy })
  }
  const totals = await totalsOf(engine.db, edition.id)
  const rows = state === undefined ? recipientsOf(totals) : totals[state]
  const show = await addressesFor(request, edition, { rows, file: 'csv' })
  const lines = rows === 0 ? [csvHeader()] : csvOf(engine, edition, state, show)
  const body = Readable.toWeb(Readable.from(lines)) as ReadableStream
  return c.body(body, 200, {
    'Content-Type': 'text/csv; charset=UTF-8',
    'Content-Disposition': `attachment; filename="destinatarios-edicion-${edition.id}.csv"`,
    'Cache-Control': 'no-store',
  })
}

/** As it is read: an edition of millions is never whole in memory. */
async function* csvOf(
  { db }: Engine,
  { id: editionId }: Edition,
  state: DeliveryState | undefined,
  show: (address: string) => string,
): AsyncGenerator<string> {
  yield csvHeader()
  let after: Place | undefined
  for (;;) {
    const rows = await recipientsOfEdition(db, {
      editionId,
      limit: csvBatch,
      ...(state !== undefined && { state }),
      ...(after !== undefined && { after }),
    })
    if (rows.length > 0) yield csvLines(rows.map((row) => csvRow(row, show)))
    if (rows.length < csvBatch) return
    after = rows.at(-1)
  }
}

const csvHeader = (): string =>
  `\uFEFF${csvLines([['Dirección', 'De grupo', 'Estado', 'Motivo', 'Intentos', 'Actualizado']])}`

const csvLines = (rows: string[][]): string =>
  stringify(
    rows.map((row) => row.map(neutralise)),
    { record_delimiter: 'windows' },
  )

const csvRow = (row: RecipientOfEdition, show: (address: string) => string): string[] => [
  show(row.address),
  row.isGroup ? 'sí' : 'no',
  deliveryStateNames[row.state],
  reasonText(row),
  String(row.attempts),
  shortMoment(row.updatedAt),
]
