/** Fifth step: the day and hour at which it leaves. */
import { html } from 'hono/html'
import type { Draft } from '../../../content/drafts.ts'
import { longTime } from '../../../flow/hold.ts'
import { dayWarnings, sendingHour } from '../../../flow/request-check.ts'
import type { Html } from '../../env.ts'
import type { PanelRequest } from '../route.ts'
import { line, type Written } from './controls.ts'

export async function whenForm(
  { engine }: PanelRequest,
  draft: Draft,
  written: Written,
): Promise<Html> {
  const leavesAt = sendingHour(draft)
  const isAhead = leavesAt !== undefined && leavesAt > engine.clock.now()
  return html`${line(written, 'envio.fecha', { type: 'date' })}
  ${line(written, 'envio.hora', { hint: 'Hora de la Ciudad de México, de 24 horas: 15:00' })}
  ${isAhead && html`<p>Sale el <strong>${longTime(leavesAt)}</strong>.</p>`}
  ${isAhead && warningsBox(await dayWarnings(engine, leavesAt))}`
}

export const warningsBox = (warnings: string[]): Html =>
  html`${
    warnings.length > 0 &&
    html`<div class="box">
      <h2>Conviene revisar</h2>
      <ul class="plain">
        ${warnings.map((text) => html`<li><span aria-hidden="true">▲</span> ${text}</li>`)}
      </ul>
    </div>`
  }`
