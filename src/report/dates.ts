/** Dates as each table of the report prints them. They are Mexico City dates, ISO. */
import { DateTime } from 'luxon'
import type { TableDefinition } from './definition.ts'

type DateStyle = NonNullable<TableDefinition['fecha']>

/** `precision`: `month` when only the month is known. In order, each once. Without dates: empty. */
export function printedDates(
  style: DateStyle,
  dates: string[],
  precision: 'day' | 'month' = 'day',
): string {
  const days = dates.map((date) => DateTime.fromISO(date, { zone: 'utc' }).setLocale('es-MX'))
  const [first] = days
  if (!first) return ''
  if (precision === 'month' || style === 'mes') {
    return style === 'mes'
      ? capitalised(first.toFormat('LLLL yyyy'))
      : `${first.toFormat("LLLL 'de' yyyy")}.`
  }
  const months = [...Map.groupBy(days, (day) => day.toFormat('yyyy-MM')).values()]
  return formats[style](months)
}

/** By month: a row of the paper has the days of one, a row entered by hand may have more. */
type Months = DateTime[][]

const formats: Record<Exclude<DateStyle, 'mes'>, (months: Months) => string> = {
  'dia-y-fecha': (months) =>
    joined(
      months
        .flat()
        .map((day) => day.toFormat("cccc d 'de' LLLL 'de' yyyy"))
        .map(capitalised),
    ),
  'dos-digitos': (months) =>
    `${joined(months.flat().map((day) => day.toFormat("dd 'de' LLLL 'de' yyyy")))}.`,
  dias: (months) => `${joined(months.map(daysOfMonth))}.`,
  dia: (months) => joined(months.map(daysOfMonth)),
  'dia-con-punto': (months) => `${joined(months.map(daysOfMonth))}.`,
  'dia-sin-anio': (months) => joined(months.flat().map((day) => day.toFormat("d 'de' LLLL"))),
}

/** «2, 9 y 10 de enero de 2025» */
const daysOfMonth = (days: DateTime[]): string =>
  `${joined(days.map(({ day }) => String(day)))} ${days[0]!.toFormat("'de' LLLL 'de' yyyy")}`

const joined = (parts: string[]): string => listFormat.format(parts)

const listFormat = new Intl.ListFormat('es-MX', { type: 'conjunction' })

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
