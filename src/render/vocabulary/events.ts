/** The event of an invitation, in Mexico City's hours and in those of its readers. */
import type { DateTime } from 'luxon'
import { inMexicoCity, zone } from '../../clock.ts'
import { shown } from '../../errors.ts'
import { dominio, plural, text } from './words.ts'

interface Event {
  /** Instants, ISO 8601 with offset. */
  inicio: string
  fin: string
  /** IANA names */
  zonas: string[]
}

/** «jueves 3 de diciembre de 2026»: the day on which it begins */
export function fechaDelEvento(event: Event): string {
  return hourIn(zone, event.inicio).toFormat("cccc d 'de' LLLL 'de' yyyy")
}

/** The same day as the leaf of a calendar: «jueves», «3», «diciembre» */
export function diaDelEvento(event: Event): { diaDeLaSemana: string; dia: string; mes: string } {
  const day = hourIn(zone, event.inicio)
  return { diaDeLaSemana: day.toFormat('cccc'), dia: day.toFormat('d'), mes: day.toFormat('LLLL') }
}

/** «17:00 a 18:30 horas» */
export function horasDelEvento(event: Event): string {
  return hoursIn(zone, event)
}

/** Its hours in the other zones that it names. `fecha`: «viernes 4 de diciembre» where it begins on another day. */
export function horasEnZonas(
  event: Event,
): { ciudad: string; fecha: string | null; horario: string }[] {
  const day = hourIn(zone, event.inicio).toISODate()
  return [...new Set(event.zonas)]
    .filter((other) => other !== zone)
    .map((other) => {
      const start = hourIn(other, event.inicio)
      return {
        ciudad: ciudadDe(other),
        fecha: start.toISODate() === day ? null : start.toFormat(shortDate),
        horario: hoursIn(other, event),
      }
    })
}

/** Where, for how many, and the ways in that the button does not give already; `url`: of those that lead somewhere. */
export function datosDelEvento(
  event: {
    sede: string | null
    cupo: number | null
    registro: string | null
    liga: string | null
  },
  button: { url: string } | null,
): { dato: string; valor: string; url: string | null }[] {
  const { sede, cupo } = event
  return [
    ...(sede === null ? [] : [{ dato: 'Sede', valor: sede, url: null }]),
    ...(cupo === null
      ? []
      : [{ dato: 'Cupo', valor: plural(cupo, 'lugar', 'lugares'), url: null }]),
    ...enlacesDelEvento(event, button).map(({ texto, url }) => ({
      dato: texto,
      valor: dominio(url),
      url,
    })),
  ]
}

/** The ways in that the button does not give already. */
export function enlacesDelEvento(
  event: { registro: string | null; liga: string | null },
  button: { url: string } | null,
): { texto: string; url: string }[] {
  const links = [
    { texto: 'Registro', url: event.registro },
    { texto: 'Acceso', url: event.liga },
  ]
  return links.filter(
    (link): link is { texto: string; url: string } => link.url !== null && link.url !== button?.url,
  )
}

/** «Los Ángeles» of `America/Los_Angeles`; a city that is written alike in Spanish needs no entry. */
export function ciudadDe(ianaName: string): string {
  const city = text(ianaName).split('/').at(-1)!
  return cities[city] ?? city.replaceAll('_', ' ')
}

const cities: Record<string, string> = {
  Amsterdam: 'Ámsterdam',
  Bogota: 'Bogotá',
  Brussels: 'Bruselas',
  Cairo: 'El Cairo',
  Cancun: 'Cancún',
  Ciudad_Juarez: 'Ciudad Juárez',
  Copenhagen: 'Copenhague',
  Geneva: 'Ginebra',
  Guatemala: 'Ciudad de Guatemala',
  Havana: 'La Habana',
  Istanbul: 'Estambul',
  Jerusalem: 'Jerusalén',
  Johannesburg: 'Johannesburgo',
  Lisbon: 'Lisboa',
  London: 'Londres',
  Los_Angeles: 'Los Ángeles',
  Luxembourg: 'Luxemburgo',
  Mazatlan: 'Mazatlán',
  Merida: 'Mérida',
  Mexico_City: 'Ciudad de México',
  Montreal: 'Montreal',
  Moscow: 'Moscú',
  New_York: 'Nueva York',
  Panama: 'Panamá',
  Paris: 'París',
  Prague: 'Praga',
  Puerto_Rico: 'San Juan de Puerto Rico',
  Rome: 'Roma',
  Sao_Paulo: 'São Paulo',
  Seoul: 'Seúl',
  Shanghai: 'Shanghái',
  Singapore: 'Singapur',
  Stockholm: 'Estocolmo',
  Sydney: 'Sídney',
  Tokyo: 'Tokio',
  UTC: 'Tiempo universal (UTC)',
  Vienna: 'Viena',
  Warsaw: 'Varsovia',
  Zurich: 'Zúrich',
}

const shortDate = "cccc d 'de' LLLL"

function hoursIn(place: string, event: Event): string {
  const [start, end] = [hourIn(place, event.inicio), hourIn(place, event.fin)]
  const isOneDay = start.toISODate() === end.toISODate()
  return isOneDay
    ? `${start.toFormat('HH:mm')} a ${end.toFormat('HH:mm')} horas`
    : `${start.toFormat('HH:mm')} horas a ${end.toFormat('HH:mm')} horas del ${end.toFormat(shortDate)}`
}

function hourIn(place: string, instant: string): DateTime<true> {
  const local = inMexicoCity(new Date(text(instant))).setZone(place)
  if (!local.isValid) throw new Error(`no conoce la zona horaria ${shown(place)}`)
  return local
}
