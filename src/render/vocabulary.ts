/**
 * What templates can say besides the fields of the content: the functions that Handlebars calls helpers. They get
 * values as content has them (`2026-11-27`, `por-confirmar`) and give what a reader sees.
 */
import Handlebars from 'handlebars'
import { markdownToHtml, markdownToText } from './markdown.ts'
import { mesEnPalabras, quincenaEnPalabras, trimestreEnPalabras } from '../period-words.ts'
import { isSlotName, slotNames, slotToken } from './slots.ts'
import * as dates from './vocabulary/dates.ts'
import * as events from './vocabulary/events.ts'
import * as international from './vocabulary/international.ts'
import * as sessions from './vocabulary/sessions.ts'
import {
  anchoDeImagen,
  cifra,
  concuerda,
  dominio,
  formaEnPalabras,
  frase,
  numerados,
  peso,
  plural,
  sinForma,
  subrayado,
  tipoDeArchivo,
  word,
} from './vocabulary/words.ts'

/** html: `templates/<slug>.mjml`, values are escaped; text: `templates/<slug>.txt.hbs`, values enter as they are. */
export type TemplateKind = 'html' | 'text'

export const vocabularies: Record<TemplateKind, Record<string, (...values: never[]) => unknown>> = {
  html: {
    ...common(),
    markdown: (text: string) => new Handlebars.SafeString(markdownToHtml(text)),
  },
  text: { ...common(), markdownText: (text: string) => markdownToText(text), subrayado },
}

function common() {
  return {
    slot,
    plural,
    concuerda,
    dominio,
    frase,
    formaEnPalabras,
    sinForma,
    numerados,
    anchoDeImagen,
    cifra,
    peso,
    tipoDeArchivo,
    mesEnPalabras: (month: string) => mesEnPalabras(month),
    quincenaEnPalabras,
    trimestreEnPalabras,
    fechaLarga: dates.fechaLarga,
    fechaCorta: dates.fechaCorta,
    fechaDeCarta: dates.fechaDeCarta,
    periodo: dates.periodo,
    horas: dates.horas,
    fechaDelEvento: events.fechaDelEvento,
    diaDelEvento: events.diaDelEvento,
    horasDelEvento: events.horasDelEvento,
    horasEnZonas: events.horasEnZonas,
    datosDelEvento: events.datosDelEvento,
    nombreDeSesion: sessions.nombreDeSesion,
    modalidadEnPalabras: sessions.modalidadEnPalabras,
    estadoDeSesion: sessions.estadoDeSesion,
    porDia: sessions.porDia,
    diasDeLaSemana: sessions.diasDeLaSemana,
    fuentesDe: sessions.fuentesDe,
    cuentaDeSesiones: sessions.cuentaDeSesiones,
    cancelada: sessions.cancelada,
    hayCanceladas: sessions.hayCanceladas,
    organoBreve: sessions.organoBreve,
    organoConSiglas: sessions.organoConSiglas,
    numeral: sessions.numeral,
    enlacesDeSesion: sessions.enlacesDeSesion,
    sesionesConCambio: sessions.sesionesConCambio,
    rotulosDeSesion: sessions.rotulosDeSesion,
    porRegion: international.porRegion,
    regionEnPalabras: international.regionEnPalabras,
    demas: international.demas,
    eleccionesPorDia: international.eleccionesPorDia,
    materiaEnPalabras: international.materiaEnPalabras,
    sentidoEnPalabras: international.sentidoEnPalabras,
    cuentaDePuntos: international.cuentaDePuntos,
    cifrasDestacadas: international.cifrasDestacadas,
    lista: international.lista,
    votacionEnPalabras,
  }
}

function slot(name: string): string {
  if (!isSlotName(name))
    throw new Error(`no es un hueco por destinatario: use ${slotNames.join(', ')}`)
  return slotToken(name)
}

/** Empty when the vote is not on record. */
export function votacionEnPalabras(code: string): string {
  return word(code, { unanimidad: 'Por unanimidad', mayoria: 'Por mayoría', 'no-consta': '' })
}
