/** Why an import is not confirmed: rows that somebody has to look at, and consent that nobody gave. */
import { DateTime } from 'luxon'
import { zone } from '../clock.ts'
import { shown, type Fault } from '../errors.ts'
import type { ImportRecord, ImportSummary } from './import-record.ts'
import type { Consent } from './memberships.ts'

/** What whoever confirms has looked at. */
export interface Accepted {
  /** Import the good rows although there are others. */
  skipInvalid?: boolean | undefined
  /** Import also rows that should be looked at, such as likely typos: somebody did. */
  acceptDoubtful?: boolean | undefined
}

export function refusedRows(
  { id }: ImportRecord,
  { rows, invalid, doubtful }: ImportSummary,
  { skipInvalid = false, acceptDoubtful = false }: Accepted,
): Fault[] {
  const place = `importación ${id}`
  if (invalid === rows) {
    const remedy = 'Corrija el archivo e impórtelo de nuevo; el informe dice qué tiene cada fila'
    return [{ place, message: 'ninguna fila puede importarse', remedy }]
  }
  const faults: Fault[] = []
  const mend = 'Corríjalas en el archivo (el informe, --report, dice qué tienen)'
  if (invalid > 0 && !skipInvalid) {
    faults.push({
      place,
      message: `${invalid} de ${rows} filas no pueden importarse`,
      remedy: `${mend} o importe las demás con --skip-invalid`,
    })
  }
  if (doubtful > 0 && !acceptDoubtful) {
    faults.push({
      place,
      message: `${doubtful} de ${rows} filas deben revisarse: parecen mal escritas`,
      remedy: `${mend} o, si están bien, impórtelas así con --accept-doubtful`,
    })
  }
  return faults
}

/** Of citizens it must be known who agreed to what, and when. */
export function missingConsent({ consent }: ImportRecord, { lists }: ImportSummary): Fault[] {
  const external = lists.filter(({ kind }) => kind === 'external').map(({ slug }) => slug)
  if (external.length === 0) return []
  const needed = [
    ['--origin', 'el origen del consentimiento', consent.origin],
    ['--consented-on', 'la fecha del consentimiento', consent.consentedOn],
    ['--notice', 'la versión del aviso de privacidad', consent.noticeVersion],
  ] as const
  return needed
    .filter(([, , given]) => !given)
    .map(([place, what]) => ({
      place,
      message: `falta ${what}, que toda lista externa requiere`,
      value: external.join(', '),
      remedy: 'Indíquelo; si no se sabe, esas personas no pueden importarse',
    }))
}

/** What a consent says must be possible. */
export function consentFaults({ consentedOn }: Partial<Consent>, at: Date): Fault[] {
  if (consentedOn === undefined) return []
  const date = DateTime.fromISO(consentedOn, { zone })
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(consentedOn) && date.isValid
  if (isDate && date.toMillis() <= at.getTime()) return []
  return [
    {
      place: '--consented-on',
      message: isDate ? 'todavía no llega' : 'no es una fecha',
      value: shown(consentedOn),
      remedy: 'Escríbala como 2026-11-23',
    },
  ]
}
