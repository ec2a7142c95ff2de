/** One edition: what it says, who sealed and approved it, what became of it, and the acts that are possible now. */
import { html } from 'hono/html'
import { findEdition, type Edition } from '../../../editions/editions.ts'
import { readRendering } from '../../../editions/archive.ts'
import { permits } from '../../../editions/machine.ts'
import { Problem } from '../../../errors.ts'
import { approve, cancel } from '../../../flow/approve.ts'
import { anybodysPage, titleOf } from '../../../flow/engine.ts'
import { longTime } from '../../../flow/hold.ts'
import { markReady, renderDraft } from '../../../flow/mark-ready.ts'
import { suppressedByReason, totalsOf } from '../../../ledger/totals.ts'
import { may } from '../../../people/users.ts'
import { withImagesInside } from '../../../render/files.ts'
import { fillSlots, slotValues } from '../../../render/slots.ts'
import {
  deliveryStateNames,
  deliveryStates,
  editionStateNames,
  recipientsOf,
  suppressionReasonNames,
  type SuppressionReason,
} from '../../../states.ts'
import type { Html } from '../../env.ts'
import { readForm, textOf } from '../../form.ts'
import { facts } from '../../page.ts'
import { showPanel } from '../page.ts'
import { controlActions, progressSection } from './progress.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

export const editionRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.edition(':id'), act: 'panel.see', answer: editionPage },
  { method: 'GET', path: panelPaths.preview(':id'), act: 'panel.see', answer: previewDocument },
  { method: 'POST', path: panelPaths.ready(':id'), act: 'edition.ready', answer: readyAct },
  { method: 'POST', path: panelPaths.approve(':id'), act: 'edition.approve', answer: approveAct },
  { method: 'POST', path: panelPaths.cancel(':id'), act: 'edition.cancel', answer: cancelAct },
]

async function editionPage(request: PanelRequest): Promise<Response> {
  const { engine, c } = request
  const edition = await editionOf(request)
  const seal = edition.sealedHash
  const subject = seal ? (await readRendering(engine.db, edition.id, seal)).subject : undefined
  return showPanel(
    request,
    { title: titleOf(engine, edition) },
    html`<p class="lead">
        <strong>${editionStateNames[edition.state]}</strong
        >${edition.stateReason && html`: ${edition.stateReason}`}
      </p>
      ${facts({
        Sale: longTime(edition.nominalAt),
        ...(subject !== undefined && { Asunto: subject }),
        ...(edition.expectedRecipients !== null && {
          Direcciones: count(edition.expectedRecipients),
        }),
        ...(seal !== null && { Sello: seal.slice(0, 8) }),
      })}
      ${await outcomes(request, edition)} ${await progressSection(request, edition)}
      ${actions(request, edition)} ${controlActions(request, edition)}
      ${
        edition.contentId === null
          ? html`<p>Todavía no tiene contenido.</p>`
          : html`<section>
              <h2>El correo</h2>
              <iframe
                class="mail"
                sandbox=""
                title="El correo como lo verá quien lo recibe"
                src="${c.var.link(panelPaths.preview(edition.id))}"
              ></iframe>
            </section>`
      }
      ${await trail(request, edition)}`,
  )
}

export async function editionOf({ engine, c }: PanelRequest): Promise<Edition> {
  const text = c.req.param('id') ?? ''
  if (/^\d{1,9}$/.test(text)) return findEdition(engine.db, Number(text))
  throw new Problem('notFound', {
    place: 'edición',
    message: 'no existe',
    remedy: 'Búsquela en la agenda',
  })
}

async function outcomes({ c, engine }: PanelRequest, { id, leftOut }: Edition): Promise<Html> {
  const totals = await totalsOf(engine.db, id)
  if (recipientsOf(totals) === 0) return html``
  const suppressed = Object.entries(await suppressedByReason(engine.db, id)) as [
    SuppressionReason,
    number,
  ][]
  const sums = [
    ...deliveryStates
      .filter((state) => totals[state] > 0)
      .map((state) => [deliveryStateNames[state], totals[state]] as const),
    ...suppressed.map(
      ([reason, sum]) => [`omitido: ${suppressionReasonNames[reason]}`, sum] as const,
    ),
    ...(leftOut ? [['habían dejado sus listas', leftOut] as const] : []),
  ]
  return html`<section>
    <h2>Envío</h2>
    ${facts(Object.fromEntries(sums.map(([name, sum]) => [name, count(sum)])))}
    <p><a href="${c.var.link(panelPaths.recipients(id))}">Ver los destinatarios</a></p>
  </section>`
}

const count = (sum: number): string => sum.toLocaleString('es-MX')

function actions({ c, user, engine }: PanelRequest, edition: Edition): Html {
  const { id, state, sealedHash } = edition
  const publication = engine.publications.find(({ slug }) => slug === edition.publication)
  const canReady =
    permits('ready', state) && edition.contentId !== null && may(user, 'edition.ready')
  const canApprove =
    permits('approve', state) &&
    sealedHash !== null &&
    publication?.approval === 'second-person' &&
    may(user, 'edition.approve')
  const canCancel = permits('cancel', state) && may(user, 'edition.cancel')
  const canWrite =
    (permits('content.add', state) || permits('content.mend', state)) && may(user, 'content.add')
  return html`${
    canWrite &&
    html`<p>
      <a href="${c.var.link(panelPaths.content(id))}"
        >${edition.contentId === null ? 'Redactar el contenido' : 'Editar el contenido'}</a
      >
    </p>`
  }
  ${
    canReady &&
    html`<form method="post" action="${c.var.link(panelPaths.ready(id))}">
      <button>Marcar como lista</button>
    </form>`
  }
  ${
    canApprove &&
    html`<form method="post" action="${c.var.link(panelPaths.approve(id))}">
      <input type="hidden" name="sello" value="${sealedHash}" />
      <p>
        Sale el ${longTime(edition.nominalAt)}, a ${count(edition.expectedRecipients ?? 0)}
        direcciones.
      </p>
      <button>Aprobar</button>
    </form>`
  }
  ${
    canCancel &&
    html`<details>
      <summary>Cancelar este envío</summary>
      <form method="post" action="${c.var.link(panelPaths.cancel(id))}">
        <div class="field">
          <label for="motivo">Motivo</label>
          <input id="motivo" name="motivo" type="text" maxlength="300" required />
        </div>
        <button class="second">Cancelar el envío</button>
      </form>
    </details>`
  }`
}

async function trail({ engine }: PanelRequest, { id }: Edition): Promise<Html> {
  const rows = await engine.db
    .selectFrom('auditLog')
    .leftJoin('staffUser', 'staffUser.id', 'auditLog.userId')
    .select(['auditLog.at', 'auditLog.act', 'staffUser.name'])
    .where('auditLog.subject', '=', `edition ${id}`)
    .orderBy('auditLog.id')
    .execute()
  if (rows.length === 0) return html``
  return html`<section>
    <h2>Quién hizo qué</h2>
    <ul class="entries">
      ${rows.map(
        (row) =>
          html`<li class="small">
            ${longTime(row.at)}: ${row.name ?? 'Pregonero'}, ${actNames[row.act] ?? row.act}
          </li>`,
      )}
    </ul>
  </section>`
}

const actNames: Record<string, string> = {
  'content.add': 'agregó contenido',
  'edition.open': 'abrió la edición',
  ready: 'la marcó como lista',
  approve: 'la aprobó',
  cancel: 'la canceló',
  release: 'la envió a su hora',
  test: 'se envió una prueba',
  'addresses.see': 'vio las direcciones',
}

/** What was sealed or, before that, what would be. It is shown in a frame that can do nothing. */
async function previewDocument(request: PanelRequest): Promise<Response> {
  const { c, engine } = request
  const edition = await editionOf(request)
  const rendering =
    edition.sealedHash === null
      ? await renderDraft(engine, edition)
      : await readRendering(engine.db, edition.id, edition.sealedHash)
  const values = slotValues({ name: request.user.name, leaveUrl: anybodysPage(engine) })
  const { html: document } = fillSlots(rendering, values)
  return c.body(withImagesInside(document, rendering.attachments), 200, {
    'Content-Type': 'text/html; charset=UTF-8',
    'Content-Security-Policy': [
      'sandbox',
      "default-src 'none'",
      `img-src 'self' data: ${new URL(engine.config.publicUrl).origin}`,
      "style-src 'unsafe-inline'",
      "frame-ancestors 'self'",
    ].join('; '),
    'X-Frame-Options': 'SAMEORIGIN',
    'Cache-Control': 'no-store',
  })
}

async function readyAct(request: PanelRequest): Promise<Response> {
  const edition = await editionOf(request)
  await markReady(request.engine, request.user, edition.id)
  return backTo(request, edition)
}

async function approveAct(request: PanelRequest): Promise<Response> {
  const edition = await editionOf(request)
  const seal = textOf(await readForm(request.c), 'sello')
  // the version that the page showed, and no other
  if (!/^[0-9a-f]{64}$/.test(seal)) {
    throw new Problem('invalid', {
      place: 'sello',
      message: 'falta el de la versión que se revisó',
      remedy: 'Abra de nuevo la página de la edición y apruebe desde ella',
    })
  }
  await approve(request.engine, request.user, edition.id, seal)
  return backTo(request, edition)
}

async function cancelAct(request: PanelRequest): Promise<Response> {
  const edition = await editionOf(request)
  const reason = textOf(await readForm(request.c), 'motivo')
  if (reason === '') {
    throw new Problem('invalid', {
      place: 'motivo',
      message: 'está vacío',
      remedy: 'Escriba por qué se cancela: queda en la bitácora',
    })
  }
  await cancel(request.engine, request.user, edition.id, reason.slice(0, 300))
  return backTo(request, edition)
}

const backTo = ({ c }: PanelRequest, { id }: Edition): Response =>
  c.redirect(c.var.link(panelPaths.edition(id)), 303)
