/**
 * When each edition of a publication leaves: the slots of its cadence after its policies for rest days and closed
 * periods. Pure: no clock, no database.
 */
import type { DateTime } from 'luxon'
import { inMexicoCity } from '../clock.ts'
import type { Publication, RestDayPolicy } from '../publication.ts'
import { cadenceSlots, type Slot } from './cadence.ts'
import type { InstitutionalCalendar, RestPeriod } from './institutional-calendar.ts'

export interface PlannedSlot extends Slot {
  /** When it leaves, after the policy; `slotAt` is what the cadence says, and what the period is named after. */
  nominalAt: Date
  /** Why `nominalAt` is another day (es): «el viernes 25 de diciembre es Navidad: sale el jueves 24». */
  moved?: string
  /** Why it does not leave at all (es); `nominalAt` is then `slotAt`. */
  omitted?: string
}

/**
 * A slot never moves farther than this many days; when there is no working day so near it is omitted. Whoever looks
 * ahead N days for what is to leave must look this much farther for slots that move back.
 */
export const farthestMoveDays = 31

/** Slots whose `slotAt` lies in [from, to), in its order. */
export function plannedSlots(
  publication: Pick<Publication, 'cadence' | 'onRestDay' | 'onClosedPeriod'>,
  calendar: InstitutionalCalendar,
  from: Date,
  to: Date,
): PlannedSlot[] {
  return cadenceSlots(publication.cadence, calendar, from, to).map((slot) => {
    const rest = calendar.restOn(inMexicoCity(slot.slotAt).toISODate())
    return rest === undefined
      ? { ...slot, nominalAt: slot.slotAt }
      : settle(slot, rest, policyFor(rest, publication), calendar)
  })
}

function policyFor(
  rest: RestPeriod,
  { onRestDay, onClosedPeriod }: Pick<Publication, 'onRestDay' | 'onClosedPeriod'>,
): RestDayPolicy {
  return rest.kind === 'descanso' ? (onRestDay ?? 'enviar-igual') : (onClosedPeriod ?? 'omitir')
}

function settle(
  slot: Slot,
  rest: RestPeriod,
  policy: RestDayPolicy,
  calendar: InstitutionalCalendar,
): PlannedSlot {
  const stays = { ...slot, nominalAt: slot.slotAt }
  const day = inMexicoCity(slot.slotAt)
  const reason = reasonText(day, rest)
  switch (policy) {
    case 'enviar-igual':
      return stays
    case 'omitir':
      return { ...stays, omitted: `${reason}: no se envía` }
    case 'dia-habil-anterior':
    case 'dia-habil-siguiente': {
      const step = policy === 'dia-habil-anterior' ? -1 : 1
      const other = nearestWorkingDay(day, step, calendar)
      if (!other) {
        const where = `${farthestMoveDays} días ${step < 0 ? 'anteriores' : 'siguientes'}`
        return { ...stays, omitted: `${reason} y no hay día hábil en los ${where}: no se envía` }
      }
      return {
        ...slot,
        nominalAt: other.toJSDate(),
        moved: `${reason}: sale el ${dayText(other, day)}`,
      }
    }
  }
}

/** At the same wall-clock hour. */
function nearestWorkingDay(
  day: DateTime<true>,
  step: 1 | -1,
  calendar: InstitutionalCalendar,
): DateTime<true> | undefined {
  for (let days = 1; days <= farthestMoveDays; days++) {
    const other = day.plus({ days: step * days })
    if (calendar.isWorkingDay(other.toISODate())) return other
  }
  return undefined
}

function reasonText(day: DateTime<true>, rest: RestPeriod): string {
  const verb = rest.start === rest.end ? 'es' : 'cae en'
  const doubt = rest.status === 'por-confirmar' ? ' (por confirmar)' : ''
  return `el ${dayText(day)} ${verb} ${rest.name}${doubt}`
}

/** «jueves 24» in the month of `beside`; «jueves 31 de diciembre» elsewhere. */
function dayText(day: DateTime<true>, beside?: DateTime<true>): string {
  return day.toFormat(beside?.hasSame(day, 'month') ? 'cccc d' : "cccc d 'de' LLLL")
}
