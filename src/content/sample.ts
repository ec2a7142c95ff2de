/** The sample of a publication moved to another week: for the demo, simulations and `content new`. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { DateTime } from 'luxon'
import { zone } from '../clock.ts'
import type { Fault } from '../errors.ts'
import type { Publication } from '../publication.ts'
import { filesIn, type ReadNamedFile } from './files.ts'

/** The samples of jobs/samples are of this week. */
const sampleMonday = '2026-11-23'

export const samplesFolder = new URL('../../jobs/samples/', import.meta.url)

/**
 * `jobs/samples/<slug>.yaml` with its dates moved by whole weeks to the week of `at`, and the period that it names, if
 * any, made that of the edition.
 */
export function sampleFor(
  slug: string,
  at: Date,
  period?: string,
): { text: string; place: string; readFile: ReadNamedFile } {
  const place = `jobs/samples/${slug}.yaml`
  const text = readFileSync(new URL(`${slug}.yaml`, samplesFolder), 'utf8')
  const readFile = filesIn(fileURLToPath(samplesFolder))
  const base = DateTime.fromISO(sampleMonday, { zone: 'utc' })
  const monday = DateTime.fromJSDate(at, { zone })
    .startOf('week')
    .setZone('utc', { keepLocalTime: true })
  const days = Math.round(monday.diff(base, 'days').days)
  const ofPeriod = period === undefined ? text : withPeriod(text, period)
  if (days === 0) return { text: ofPeriod, place, readFile }
  const moved = ofPeriod
    .replace(
      /\d{4}-\d{2}-\d{2}/g,
      (date) => DateTime.fromISO(date, { zone: 'utc' }).plus({ days }).toISODate() ?? date,
    )
    // a session is one for good: another week has others
    .replace(/^(\s*- id: )(\S+)$/gm, `$1$2-${monday.toFormat('yyyyMMdd')}`)
  return { text: moved, place, readFile }
}

/** Publications whose sample is not there: `content new` and the demo start from it. */
export function sampleFaults(publications: Pick<Publication, 'slug'>[]): Fault[] {
  return publications
    .filter(({ slug }) => !existsSync(new URL(`${slug}.yaml`, samplesFolder)))
    .map(({ slug }) => ({
      place: `jobs/samples/${slug}.yaml`,
      message: 'is missing',
      remedy: 'Create it, with `muestra: true`; any other sample is an example',
    }))
}

function withPeriod(text: string, period: string): string {
  return text.replace(/^(mes|quincena|trimestre): .*$/m, `$1: ${period}`)
}
