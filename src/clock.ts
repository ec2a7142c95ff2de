/** Calendar time as a parameter: tests, the demo and simulations move it; production reads the machine's. */
import { DateTime } from 'luxon'

/** All nominal hours, periods and printed dates are in this zone (UTC-6 all year since October 2022). */
export const zone = 'America/Mexico_City'

export interface Clock {
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }

/** A clock that starts at `start`, goes on at the machine's pace and can be moved. */
export interface MovableClock extends Clock {
  moveTo(instant: Date): void
  advance(durationMs: number): void
}

export function movableClock(start: Date): MovableClock {
  let offsetMs = start.getTime() - Date.now()
  return {
    now: () => new Date(Date.now() + offsetMs),
    moveTo: (instant) => {
      offsetMs = instant.getTime() - Date.now()
    },
    advance: (durationMs) => {
      offsetMs += durationMs
    },
  }
}

/** A clock that stands still until moved: for tests that compare instants exactly. */
export function frozenClock(start: Date): MovableClock {
  let current = start.getTime()
  return {
    now: () => new Date(current),
    moveTo: (instant) => {
      current = instant.getTime()
    },
    advance: (durationMs) => {
      current += durationMs
    },
  }
}

/** The instant in hora de la Ciudad de México, with Spanish month and weekday names. */
export function inMexicoCity(instant: Date): DateTime<true> {
  const local = DateTime.fromJSDate(instant, { zone }).setLocale('es-MX')
  if (!local.isValid) throw new Error(`Not an instant: ${String(instant)}`)
  return local
}
