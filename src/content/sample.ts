/** The sample of a publication moved to another week: for the demo and for simulations. */
import { readFileSync } from 'node:fs'
import { DateTime } from 'luxon'
import { zone } from '../clock.ts'

/** The samples of jobs/samples are of this week. */
const sampleMonday = '2026-11-23'

/** The YAML of `jobs/samples/<slug>.yaml` with its dates moved by whole weeks to the week of `instant`. */
export function sampleFor(slug: string, instant: Date): { text: string; place: string } {
  const place = `jobs/samples/${slug}.yaml`
  const text = readFileSync(new URL(`../../${place}`, import.meta.url), 'utf8')
  const base = DateTime.fromISO(sampleMonday, { zone: 'utc' })
  const monday = DateTime.fromJSDate(instant, { zone })
    .startOf('week')
    .setZone('utc', { keepLocalTime: true })
  const days = Math.round(monday.diff(base, 'days').days)
  if (days === 0) return { text, place }
  const moved = text
    .replace(
      /\d{4}-\d{2}-\d{2}/g,
      (date) => DateTime.fromISO(date, { zone: 'utc' }).plus({ days }).toISODate() ?? date,
    )
    // a session is one for good: another week has others
    .replace(/^(\s*- id: )(\S+)$/gm, `$1$2-${monday.toFormat('yyyyMMdd')}`)
  return { text: moved, place }
}
