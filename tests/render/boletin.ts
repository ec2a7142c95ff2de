/** The boletín of the sample, as content that passed its schema and as its edition. */
import { checkContent } from '../../src/content/check.ts'
import { publications } from '../../jobs/index.ts'
import type { EditionFacts, Publication } from '../../src/publication.ts'
import { renderEdition, type Rendering } from '../../src/render/render.ts'
import { boletinYaml } from '../support/content.ts'
import { mailDomain, publicUrl } from './samples.ts'

export interface Boletin {
  muestra: boolean
  titular: string
  entrada: string
  secciones: { clave: string; titulo: string; notas: Nota[] }[]
  agenda: { organo: { nombre: string } }[]
}
export interface Nota {
  titulo: string
  resumen: string
  acuerdos: { titulo: string; clave?: string; votacion: string }[]
  fuente: string
  url?: string
}

export const edition: EditionFacts = {
  period: '2026-W48',
  revision: 0,
  nominalAt: new Date('2026-11-27T15:00:00-06:00'),
  issue: { year: 2026, number: 48 },
}

export function sample(): { publication: Publication; body: Boletin } {
  const checked = checkContent(boletinYaml(), 'boletin.yaml', publications)
  if (!checked.ok) throw new Error(JSON.stringify(checked.faults))
  return { publication: checked.content.publication, body: checked.content.body as Boletin }
}

export function nota(titulo: string, resumen = 'Resumen.'): Nota {
  return { titulo, resumen, acuerdos: [], fuente: 'Muestra' }
}

/** A rendering of the sample with some fields changed. */
export async function rendered(changes: Partial<Boletin> = {}): Promise<Rendering> {
  const { publication, body } = sample()
  const result = await renderEdition(publication, { ...body, ...changes }, edition, {
    mailDomain,
    publicUrl,
  })
  if (!result.ok) throw new Error(JSON.stringify(result.faults))
  return result.rendering
}
