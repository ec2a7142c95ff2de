/** From a cadence to nominal instants and the periods named after them. Pure: no clock, no database. */
import { DateTime } from 'luxon'
import { inMexicoCity, zone } from '../clock.ts'
import { weekdays, type Cadence } from '../publication.ts'

export interface Slot {
  /** Named from the nominal instant, never from now: `2026-W48`. */
  period: string
  nominalAt: Date
}

/** Slots whose nominal instant lies in [from, to), in order. */
export function slotsBetween(cadence: Cadence, from: Date, to: Date): Slot[] {
  switch (cadence.kind) {
    case 'weekly':
      return weeklySlots(weekdays.indexOf(cadence.weekday) + 1, cadence.time, from, to)
    case 'on-request':
      return []
  }
}

function weeklySlots(isoWeekday: number, time: string, from: Date, to: Date): Slot[] {
  const slots: Slot[] = []
  for (
    let monday = inMexicoCity(from).startOf('week');
    monday.toJSDate() < to;
    monday = monday.plus({ weeks: 1 })
  ) {
    // built from the calendar day and the wall clock, so that a change of offset moves no hour
    const day = monday.plus({ days: isoWeekday - 1 })
    const nominal = DateTime.fromISO(`${day.toISODate()}T${time}`, { zone })
    const nominalAt = nominal.toJSDate()
    if (nominalAt >= from && nominalAt < to)
      slots.push({ period: weekPeriod(nominalAt), nominalAt })
  }
  return slots
}

/** ISO 8601 week of the Mexico City date: 1 January 2027 is `2026-W53`. */
export function weekPeriod(instant: Date): string {
  return inMexicoCity(instant).toFormat("kkkk-'W'WW")
}
