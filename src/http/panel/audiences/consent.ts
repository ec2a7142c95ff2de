/** Where the people of an import agreed to be written to, as a part of forms; and the faults of imports by their fields. */
import { html } from 'hono/html'
import type { Consent } from '../../../audience/memberships.ts'
import { inMexicoCity } from '../../../clock.ts'
import type { Fault } from '../../../errors.ts'
import type { Html } from '../../env.ts'
import { textField, type FormErrors } from '../../form.ts'
import { dateField, lineOf } from './parts.ts'
import type { PanelRequest } from '../route.ts'

/** As it was written, to be shown again: nobody types a thing twice. */
export interface WrittenConsent {
  origin: string
  consentedOn: string
  noticeVersion: string
  evidence: string
}

export const readConsent = (form: FormData): WrittenConsent => ({
  origin: lineOf(form, 'origen', 300),
  consentedOn: lineOf(form, 'fecha', 20),
  noticeVersion: lineOf(form, 'aviso', 60),
  evidence: lineOf(form, 'evidencia', 300),
})

/** What was left empty says nothing. */
export const givenConsent = ({
  origin,
  consentedOn,
  noticeVersion,
  evidence,
}: WrittenConsent): Partial<Consent> => ({
  ...(origin !== '' && { origin }),
  ...(consentedOn !== '' && { consentedOn }),
  ...(noticeVersion !== '' && { noticeVersion }),
  ...(evidence !== '' && { evidence }),
})

const fieldsOf: Record<string, string> = {
  '--list': 'lista',
  lista: 'lista',
  '--origin': 'origen',
  '--consented-on': 'fecha',
  '--notice': 'aviso',
}

/** Faults of the acts, which speak of the options of the CLI, by the fields of these forms. */
export function errorsOf(faults: Fault[]): FormErrors {
  const errors: FormErrors = {}
  for (const fault of faults) {
    const { id, text } = inFields(fault)
    errors[id] = errors[id] === undefined ? text : `${errors[id]} ${text}`
  }
  return errors
}

function inFields({ place, message, value, remedy }: Fault): { id: string; text: string } {
  if (message === 'no hay columna de lista') {
    return { id: 'lista', text: 'El archivo no tiene columna de lista: elija aquí una lista.' }
  }
  if (place === '--list') {
    const text = 'El archivo tiene su columna de lista: elija «La que diga el archivo».'
    return { id: 'lista', text }
  }
  const shown = value === undefined ? '' : ` (${value})`
  const where = fieldsOf[place] === undefined ? `${place}: ${message}` : capital(message)
  const what = remedy.replace(
    /, o indíquelo con --column .*$/s,
    ', o escriba ese encabezado en «Encabezado de la columna de correo»',
  )
  const end = /[.?]$/.test(what) ? '' : '.'
  return { id: fieldsOf[place] ?? 'archivo', text: `${where}${shown}. ${what}${end}` }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** `only`: the ids of those that are asked for, with the evidence. */
export function consentFields(
  { engine }: PanelRequest,
  written: WrittenConsent,
  errors: FormErrors,
  only: string[] = ['origen', 'fecha', 'aviso'],
): Html {
  const text = { type: 'text', autocomplete: 'off' } as const
  return html`${
    only.includes('origen') &&
    textField({
      ...text,
      id: 'origen',
      name: 'origen',
      label: 'Origen del consentimiento',
      hint: 'Por ejemplo: formulario de registro de la Red de Observación.',
      value: written.origin,
      maxLength: 300,
      error: errors.origen,
    })
  }
  ${
    only.includes('fecha') &&
    dateField({
      id: 'fecha',
      name: 'fecha',
      label: 'Fecha del consentimiento',
      value: written.consentedOn,
      max: inMexicoCity(engine.clock.now()).toISODate(),
      error: errors.fecha,
    })
  }
  ${
    only.includes('aviso') &&
    textField({
      ...text,
      id: 'aviso',
      name: 'aviso',
      label: 'Versión del aviso de privacidad que se mostró',
      hint: `La vigente es ${engine.privacy.version}.`,
      value: written.noticeVersion,
      maxLength: 60,
      error: errors.aviso,
    })
  }
  ${textField({
    ...text,
    id: 'evidencia',
    name: 'evidencia',
    label: 'Dónde puede verse el consentimiento (opcional)',
    value: written.evidence,
    maxLength: 300,
    error: errors.evidencia,
  })}`
}
