/** Quarters of the year, with their bounds in hora de la Ciudad de México. */
import { DateTime } from 'luxon'
import { zone } from '../clock.ts'
import { Problem, shown } from '../errors.ts'

export interface Quarter {
  /** `2026-Q4` */
  name: string
  year: number
  from: Date
  /** Not included. */
  to: Date
}

/** Reads `2026-Q4`. Throws a Problem otherwise. */
export function parseQuarter(text: string): Quarter {
  const match = /^(\d{4})-?[QT]([1-4])$/i.exec(text.trim())
  if (!match) {
    throw new Problem('usage', {
      place: 'TRIMESTRE',
      message: 'no es un trimestre',
      value: shown(text),
      remedy: 'Escríbalo como 2026-Q4',
    })
  }
  const year = Number(match[1])
  const start = DateTime.fromObject({ year, month: Number(match[2]) * 3 - 2, day: 1 }, { zone })
  return {
    name: `${year}-Q${match[2]}`,
    year,
    from: start.toJSDate(),
    to: start.plus({ months: 3 }).toJSDate(),
  }
}
