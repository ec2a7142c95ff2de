/** Second and third steps of an import: its review, and what is decided of it. */
import { Readable } from 'node:stream'
import { html } from 'hono/html'
import { openNameless } from '../../../audience/import-file/file.ts'
import type { ImportRecord } from '../../../audience/import-record.ts'
import { reportHead, reportLines } from '../../../audience/import-report.ts'
import { undoableForMs } from '../../../audience/import-undo.ts'
import { Problem } from '../../../errors.ts'
import {
  confirmContacts,
  discardContacts,
  reportContacts,
  reviewContacts,
  seeContactsImport,
  undoContacts,
} from '../../../flow/import-contacts.ts'
import type { Html } from '../../env.ts'
import { readForm, textOf } from '../../form.ts'
import { facts } from '../../page.ts'
import { errorsOf, givenConsent, readConsent } from './consent.ts'
import { count, counted, hour, isTicked, noImport } from './parts.ts'
import { reviewContent, type Decision } from './review-page.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

const act = 'contacts.import'
export const reviewRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.import(':id'), act, answer: importPage },
  { method: 'GET', path: panelPaths.importReport(':id'), act, answer: reportFile },
  { method: 'POST', path: panelPaths.confirmImport(':id'), act, answer: confirmAct },
  { method: 'POST', path: panelPaths.discardImport(':id'), act, answer: discardAct },
  { method: 'POST', path: panelPaths.undoImport(':id'), act, answer: undoAct },
]

async function importPage(request: PanelRequest): Promise<Response> {
  const { import: found } = await seen(request)
  if (found.state === 'staged') return showReview(request, found.id)
  return showPanel(request, { title: titles[found.state] }, outcome(request, found))
}

/** The import of the path, for who may see it. */
async function seen({
  c,
  engine,
  user,
}: PanelRequest): Promise<Awaited<ReturnType<typeof seeContactsImport>>> {
  const text = c.req.param('id') ?? ''
  if (!/^\d{1,9}$/.test(text)) throw noImport()
  try {
    return await seeContactsImport(engine, user, Number(text))
  } catch (error) {
    throw error instanceof Problem && error.kind === 'notFound' ? noImport() : error
  }
}

async function showReview(
  request: PanelRequest,
  importId: number,
  decision?: Decision,
): Promise<Response> {
  const { engine, user } = request
  const { preview } = await seen(request)
  const review = await reviewContacts(engine, user, importId)
  return showPanel(
    request,
    { title: 'Revisar la importación', ...(decision && { hasErrors: true, status: 422 as const }) },
    reviewContent(request, { ...review, preview }, decision),
  )
}

/** A second click, or a reload, finds it done and shows that. */
async function confirmAct(request: PanelRequest): Promise<Response> {
  const { engine, user } = request
  const { import: found } = await seen(request)
  const form = await readForm(request.c)
  const written = readConsent(form)
  const skipInvalid = isTicked(form, 'omitir')
  const acceptDoubtful = isTicked(form, 'aceptar')
  const revision = textOf(form, 'revision')
  try {
    const consent = givenConsent(written)
    await confirmContacts(engine, user, found.id, {
      skipInvalid,
      acceptDoubtful,
      consent,
      seen: revision,
    })
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const { state } = (await seen(request)).import
    if (state === 'staged') {
      const ofConsent = error.faults.filter(({ place }) => place.startsWith('--'))
      const errors = errorsOf(ofConsent)
      return showReview(request, found.id, {
        written,
        skipInvalid,
        acceptDoubtful,
        revision,
        errors,
      })
    }
    if (state !== 'confirmed') throw error
  }
  return backTo(request, found.id)
}

async function discardAct(request: PanelRequest): Promise<Response> {
  const { engine, user } = request
  const { import: found } = await seen(request)
  if (found.state !== 'discarded') await discardContacts(engine, user, found.id)
  return backTo(request, found.id)
}

async function undoAct(request: PanelRequest): Promise<Response> {
  const { engine, user } = request
  const { import: found } = await seen(request)
  if (found.state === 'undone') return backTo(request, found.id)
  const { removedMembers, removedContacts, withheld, kept } = await undoContacts(
    engine,
    user,
    found.id,
  )
  return showPanel(
    request,
    { title: titles.undone },
    html`<div class="box done" role="status">
        <p>
          Se quitaron ${counted(removedMembers, 'alta', 'altas')} y
          ${counted(removedContacts, 'contacto', 'contactos')}.
          ${withheld > 0 && html`Se detuvieron ${counted(withheld, 'envío', 'envíos')} en curso.`}
        </p>
        ${
          kept.length > 0 &&
          html`<p>Se quedan:</p>
            <ul>
              ${kept.map((one) => html`<li>${count(one.count)}: ${one.motivo}.</li>`)}
            </ul>`
        }
      </div>
      ${backLinks(request)}`,
  )
}

const backTo = ({ c }: PanelRequest, importId: number): Response =>
  c.redirect(c.var.link(panelPaths.import(importId)), 303)

const titles = {
  reading: 'El archivo se está leyendo',
  staged: 'Revisar la importación',
  confirmed: 'Importación confirmada',
  undone: 'Importación deshecha',
  discarded: 'Importación descartada',
}

function outcome(request: PanelRequest, found: ImportRecord): Html {
  const { summary, consent, state } = found
  const lists = (summary.lists ?? []).map(
    ({ slug, newMembers }) => `${slug} (${count(newMembers)})`,
  )
  const wrote = state === 'confirmed' || state === 'undone'
  return html`<p class="lead">${found.fileName}</p>
    ${!wrote && html`<p>${leads[state]}</p>`}
    ${facts({
      Quién: found.user,
      Subida: hour(found.createdAt),
      ...(found.confirmedAt && { Confirmada: hour(found.confirmedAt) }),
      ...(found.undoneAt && { Deshecha: hour(found.undoneAt) }),
      ...(wrote && {
        Filas: count(summary.rows),
        'Contactos nuevos': count(summary.newContacts),
        'Contactos completados': count(summary.completedContacts),
        'Altas en listas': `${count(summary.newMembers)}${lists.length > 0 ? `: ${lists.join(', ')}` : ''}`,
        'Filas con error, sin importar': count(summary.invalid),
        'Filas repetidas': count(summary.duplicates),
        'Personas que no se suscriben': `${count(summary.left)} se dieron de baja; a ${count(summary.suppressed)} no se les escribe`,
        'Origen del consentimiento': consent.origin,
      }),
    })}
    ${undoForm(request, found)} ${backLinks(request)}`
}

const leads: Partial<Record<ImportRecord['state'], string>> = {
  reading: 'Vuelva a cargar esta página en un momento.',
  discarded: 'No se escribió nada en las listas. Si hace falta, importe el archivo de nuevo.',
}

function undoForm({ c, engine }: PanelRequest, { id, state, confirmedAt }: ImportRecord): Html {
  if (state !== 'confirmed' || !confirmedAt) return html``
  const until = new Date(confirmedAt.getTime() + undoableForMs)
  if (engine.clock.now() > until)
    return html`<p>Se confirmó hace más de 24 horas: ya no puede deshacerse.</p>`
  return html`<section>
    <h2>Deshacer</h2>
    <p>
      Quita las altas y los contactos que trajo esta importación y que nadie ha cambiado. Puede
      hacerse hasta el ${hour(until)}.
    </p>
    <form method="post" action="${c.var.link(panelPaths.undoImport(id))}">
      <button class="second">Deshacer la importación</button>
    </form>
  </section>`
}

const backLinks = ({ c }: PanelRequest): Html =>
  html`<ul class="inline plain">
    <li><a href="${c.var.link(panelPaths.audiences)}">Volver a Audiencias</a></li>
    <li><a href="${c.var.link(panelPaths.upload)}">Importar otro archivo</a></li>
  </ul>`

/** Written to disk first, where it has no name: whoever downloads slowly holds no transaction. */
async function reportFile(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const { import: found } = await seen(request)
  if (found.state !== 'staged') {
    throw new Problem('refused', {
      place: `importación ${found.id}`,
      message: 'ya no tiene informe: sus filas solo se guardan mientras espera confirmación',
      remedy: 'Si hace falta, importe el archivo de nuevo y descárguelo antes de confirmar',
    })
  }
  const handle = await openNameless()
  try {
    await handle.writeFile(reportHead())
    await reportContacts(engine, user, found.id, async (remarks) => {
      await handle.writeFile(reportLines(remarks))
    })
    const file = handle.createReadStream({ start: 0 })
    return c.body(Readable.toWeb(file) as ReadableStream, 200, {
      'Content-Type': 'text/csv; charset=UTF-8',
      'Content-Disposition': `attachment; filename="importacion-${found.id}.csv"`,
      'Cache-Control': 'no-store',
    })
  } catch (error) {
    await handle.close()
    throw error
  }
}
