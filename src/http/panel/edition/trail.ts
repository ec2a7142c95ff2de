/** Who did what to an edition, from the audit log, in words: with what was before where an act changed something. */
import { html } from 'hono/html'
import type { Edition } from '../../../editions/editions.ts'
import { longTime } from '../../../flow/hold.ts'
import {
  deliveryStateNames,
  editionStateNames,
  editionStates,
  type DeliveryState,
  type EditionState,
} from '../../../states.ts'
import type { Html } from '../../env.ts'
import { count } from '../audiences/parts.ts'
import type { PanelRequest } from '../route.ts'

export interface TrailRow {
  at: Date
  act: string
  detail: Record<string, unknown>
  name: string | null
}

/** Oldest first; of a very long one, the latest. */
export async function readTrail({ engine }: PanelRequest, { id }: Edition): Promise<TrailRow[]> {
  const rows = await engine.db
    .selectFrom('auditLog')
    .leftJoin('staffUser', 'staffUser.id', 'auditLog.userId')
    .select(['auditLog.at', 'auditLog.act', 'auditLog.detail', 'staffUser.name'])
    .where('auditLog.subject', '=', `edition ${id}`)
    .orderBy('auditLog.id', 'desc')
    .limit(maxRows)
    .execute()
  return rows.toReversed().map((row) => ({ ...row, detail: row.detail as TrailRow['detail'] }))
}

const maxRows = 200

export function trailSection(rows: TrailRow[]): Html {
  if (rows.length === 0) return html``
  return html`<section>
    <h2>Quién hizo qué</h2>
    <ul class="entries">
      ${rows.map(
        (row) =>
          html`<li class="small">
            ${longTime(row.at)}: ${row.name ?? 'Pregonero'}, ${actText(row)}
          </li>`,
      )}
    </ul>
  </section>`
}

/** An approval that no longer holds, and the act that ended it. */
export function voidedApproval({ approvedBy, state }: Edition, rows: TrailRow[]): Html {
  if (approvedBy !== null || !['planned', 'held', 'ready'].includes(state)) return html``
  const approvedAt = rows.findLastIndex(({ act }) => act === 'approve')
  const ended = rows.slice(approvedAt + 1).find(({ act }) => act in endings)
  if (approvedAt < 0 || !ended) return html``
  return html`<div class="box wrong">
    <p>
      La aprobación de ${rows[approvedAt]!.name ?? 'otra persona'} se anuló:
      ${ended.name ?? 'Pregonero'} ${endings[ended.act]!} el ${longTime(ended.at)}.
    </p>
  </div>`
}

const endings: Record<string, string> = {
  'content.add': 'guardó contenido',
  replan: 'cambió la hora',
  return: 'la devolvió',
  hold: 'la detuvo',
  omit: 'la omitió',
}

function actText({ act, detail }: TrailRow): string {
  const told = actTexts[act]
  return told ? told(detail) : `hizo otro acto (${act})`
}

/** Details of the audit log are of many versions of the program: what is not there is not said. */
const actTexts: Record<string, (detail: TrailRow['detail']) => string> = {
  open: ({ nominalAt }) => `abrió la edición${hourOf(nominalAt, ' para el ')}`,
  correct: ({ corrects }) =>
    `abrió este alcance${typeof corrects === 'number' ? ` de la edición ${corrects}` : ''}`,
  'content.add': ({ was }) => `guardó contenido${stateBefore(was)}`,
  ready: ({ recipients, repeatConfirmed }) =>
    `la marcó como lista${addresses(recipients)}${repeatConfirmed ? ', y confirmó que se repite' : ''}`,
  approve: ({ recipients, nominalAt, was }) =>
    `la aprobó${hourOf(nominalAt, ' para el ')}${addresses(recipients)}${stateBefore(was === 'held' ? was : undefined)}`,
  return: ({ reason, was }) => `la devolvió${stateBefore(was)}${reasonOf(reason)}`,
  cancel: ({ reason, was }) => `la canceló${stateBefore(was)}${reasonOf(reason)}`,
  replan: ({ was, is }) => `cambió la hora${hourOf(was, ': antes, ')}${hourOf(is, '; ahora, ')}`,
  reopen: () => 'volvió a planearla: su día ya no es inhábil',
  hold: ({ reason }) => `la detuvo${reasonOf(reason)}`,
  omit: ({ reason }) => `la omitió${reasonOf(reason)}`,
  release: ({ recipients }) => `la envió a su hora${addresses(recipients)}`,
  pause: ({ reason }) => `la puso en pausa${reasonOf(reason)}`,
  resume: () => 'la reanudó',
  resend: ({ requeued, withheld }) =>
    `reenvió lo que falló${addresses(requeued)}${whoLeft(withheld)}`,
  resolve: ({ resolved, withheld, reason }) =>
    `dijo qué fue de los resultados inciertos${addresses(resolved)}${whoLeft(withheld)}${reasonOf(reason)}`,
  test: ({ outcome }) =>
    `se envió una prueba${typeof outcome === 'string' && outcome in deliveryStateNames ? `: ${deliveryStateNames[outcome as DeliveryState]}` : ''}`,
  prune: ({ deliveries }) => `depuró el detalle${addresses(deliveries)}`,
  'addresses.see': ({ rows }) => `vio las direcciones${addresses(rows)}`,
}

const stateBefore = (was: unknown): string =>
  was !== 'planned' && (editionStates as readonly unknown[]).includes(was)
    ? ` (estaba ${editionStateNames[was as EditionState]})`
    : ''

const reasonOf = (reason: unknown): string =>
  typeof reason === 'string' && reason !== '' ? `: ${reason}` : ''

const addresses = (sum: unknown): string =>
  typeof sum === 'number' ? `, ${count(sum)} ${sum === 1 ? 'dirección' : 'direcciones'}` : ''

const whoLeft = (sum: unknown): string =>
  typeof sum === 'number' && sum > 0
    ? `; ${count(sum)} no, porque ${sum === 1 ? 'dejó' : 'dejaron'} sus listas`
    : ''

function hourOf(instant: unknown, before: string): string {
  if (typeof instant !== 'string' || Number.isNaN(Date.parse(instant))) return ''
  return `${before}${longTime(new Date(instant))}`
}
