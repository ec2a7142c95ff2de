/** Calendario and invitación of the samples, with what a test wants different, as editions. */
import { readFileSync } from 'node:fs'
import { boletinElectoral } from '../../jobs/boletin-electoral.ts'
import { calendarioIne } from '../../jobs/calendario-ine.ts'
import { invitacionRedObservacion } from '../../jobs/invitacion-red-observacion.ts'
import { checkContent } from '../../src/content/check.ts'
import type { Evento } from '../../src/content/evento.ts'
import type { SesionIne } from '../../src/content/sesion.ts'
import type { EditionFacts, Publication, RegisteredSession } from '../../src/publication.ts'
import { renderEdition, type Rendering, type RenderResult } from '../../src/render/render.ts'

export const mailDomain = 'iecm.test'
/** As readers cannot reach it, images travel in the mail. */
export const publicUrl = 'http://localhost:3000'
export const allPublications = [boletinElectoral, calendarioIne, invitacionRedObservacion]

export type Sesion = RegisteredSession<SesionIne>
export interface Calendario {
  muestra: boolean
  semana: { lunes: string; viernes: string }
  aviso?: string
  sesiones: Sesion[]
}
export interface Invitacion {
  muestra: boolean
  asunto: string
  saludo: string
  cuerpo: string
  evento?: Evento
  boton?: { texto: string; url: string }
}

export const monday: EditionFacts = {
  period: '2026-W48',
  revision: 0,
  nominalAt: new Date('2026-11-23T08:30:00-06:00'),
  issue: undefined,
}
export const correction: EditionFacts = {
  ...monday,
  revision: 1,
  nominalAt: new Date('2026-11-24T12:00:00-06:00'),
}
export const chosenHour: EditionFacts = {
  period: 'taller-diciembre',
  revision: 0,
  nominalAt: new Date('2026-11-25T10:00:00-06:00'),
  issue: undefined,
}

/** As frozen: the sessions come from their register, with their sequence. */
export function calendario(): Calendario {
  const body = contentOf('calendario-ine') as Calendario
  return { ...body, sesiones: body.sesiones.map((sesion) => ({ ...sesion, secuencia: 0 })) }
}

export const invitacion = (): Invitacion => contentOf('invitacion-red-observacion') as Invitacion

export function sesion(changes: Partial<Sesion> = {}): Sesion {
  return { ...calendario().sesiones[1]!, ...changes }
}

export function evento(changes: Partial<Evento> = {}): Evento {
  return { ...invitacion().evento!, ...changes }
}

export function renderCalendario(
  changes: Partial<Calendario> = {},
  edition: EditionFacts = monday,
): Promise<Rendering> {
  return rendered(calendarioIne, { ...calendario(), ...changes }, edition)
}

export function renderInvitacion(
  changes: Partial<Invitacion> = {},
  edition: EditionFacts = chosenHour,
): Promise<Rendering> {
  return rendered(invitacionRedObservacion, { ...invitacion(), ...changes }, edition)
}

export async function rendered(
  publication: Publication,
  body: { muestra: boolean },
  edition: EditionFacts,
): Promise<Rendering> {
  const result = await render(publication, body, edition)
  if (!result.ok) throw new Error(JSON.stringify(result.faults))
  return result.rendering
}

export const render = (
  publication: Publication,
  body: { muestra: boolean },
  edition: EditionFacts,
): Promise<RenderResult> => renderEdition(publication, body, edition, { mailDomain, publicUrl })

function contentOf(slug: string): unknown {
  const sample = new URL(`../../jobs/samples/${slug}.yaml`, import.meta.url)
  const checked = checkContent(readFileSync(sample, 'utf8'), sample.pathname, allPublications)
  if (!checked.ok) throw new Error(JSON.stringify(checked.faults))
  return checked.content.body
}
