/** Third step: the event that the mail invites to, and what its hour is where its readers live. */
import { html } from 'hono/html'
import { contentOf, groupOf, hasEvent, textOf } from '../../../content/answers.ts'
import {
  ciudadDe,
  fechaDelEvento,
  horasDelEvento,
  horasEnZonas,
} from '../../../render/vocabulary/events.ts'
import type { Publication } from '../../../publication.ts'
import type { Html } from '../../env.ts'
import { scrolling } from '../dispatches/parts.ts'
import { choice, choices, line, type Written } from './controls.ts'
import { weekdayOf } from './hours.ts'
import { modalities } from './summary.ts'

/** Where the diaspora lives. */
const zones = ['America/Los_Angeles', 'America/Chicago', 'America/New_York', 'Europe/Madrid']

export function eventForm(publication: Publication, written: Written): Html {
  const event = groupOf(written.answers.evento)
  const said = hasEvent(written.answers)
  const chosen = Array.isArray(event.zonas) ? event.zonas : []
  const weekday = weekdayOf(textOf(event.fecha))
  const others = chosen.filter((zone) => typeof zone === 'string' && !zones.includes(zone))
  return html`${choices(written, 'evento.hay', {
    legend: '¿El correo invita a un evento?',
    hint: 'Un evento lleva su invitación para el calendario.',
    type: 'radio',
    options: [
      { value: 'si', name: 'Sí', isOn: said },
      { value: 'no', name: 'No', isOn: event.hay === 'no' },
    ],
  })}
  ${line(written, 'evento.titulo', {})}
  ${line(written, 'evento.fecha', { type: 'date', ...(weekday && { hint: `${weekday}.` }) })}
  ${line(written, 'evento.hora', { hint: 'Hora de la Ciudad de México, de 24 horas: 17:00' })}
  ${line(written, 'evento.hasta', { hint: 'De 24 horas: 18:30' })}
  ${hoursTable(publication, written)}
  ${choices(written, 'evento.zonas', {
    legend: 'En qué ciudades se escribe también la hora',
    type: 'checkbox',
    options: [...zones, ...others.map(String)].map((zone) => ({
      value: zone,
      name: ciudadDe(zone),
      isOn: chosen.includes(zone),
    })),
  })}
  ${choice(
    written,
    'evento.modalidad',
    Object.entries(modalities).map(([value, name]) => ({ value, name })),
  )}
  ${line(written, 'evento.sede', { hint: 'Necesaria si no es virtual.' })}
  ${line(written, 'evento.liga', {
    type: 'url',
    hint: 'Un evento a distancia necesita ésta o la de registro. Empieza con https://',
  })}
  ${line(written, 'evento.registro', { type: 'url', isOptional: true })}
  ${line(written, 'evento.cupo', { mode: 'numeric', isOptional: true, hint: 'Número de lugares.' })}
  ${again(written, event)}`
}

/** What only matters of an event that was announced before. */
function again(written: Written, event: Record<string, unknown>): Html {
  const isOpen =
    event.clave !== undefined || event.cancelado === true || written.errors['c-evento-clave']
  return html`<details ${isOpen && html`open`}>
    <summary>El evento ya se anunció en otro correo</summary>
    ${line(written, 'evento.clave', {
      isOptional: true,
      hint: 'La misma en cada correo que lo mencione: así el calendario lo corrige en vez de repetirlo.',
    })}
    <p class="choice">
      <input
        id="c-evento-cancelado"
        type="checkbox"
        name="evento.cancelado"
        value="si"
        ${event.cancelado === true && html`checked`}
      />
      <label for="c-evento-cancelado">Se canceló: quitarlo de los calendarios</label>
    </p>
  </details>`
}

function hoursTable(publication: Publication, { answers }: Written): Html {
  const { inicio, fin } = groupOf(contentOf(publication.slug, answers).evento)
  if (
    typeof inicio !== 'string' ||
    typeof fin !== 'string' ||
    Date.parse(fin) <= Date.parse(inicio)
  )
    return html`<p>
      <button name="accion" value="comprobar" class="second slim">
        Comprobar el día y las horas
      </button>
    </p>`
  const event = { inicio, fin, zonas: zones }
  const here = ['Ciudad de México', fechaDelEvento(event), horasDelEvento(event)]
  const elsewhere = horasEnZonas(event).map(({ ciudad, fecha, horario }) => [
    ciudad,
    fecha === null ? 'el mismo día' : `${fecha}, otro día`,
    horario,
  ])
  return html`${scrolling('A qué hora es en cada ciudad', ['Ciudad', 'Día', 'Horas'], [here, ...elsewhere])}
    <p>
      <button name="accion" value="comprobar" class="second slim">Comprobar de nuevo</button>
    </p>`
}
