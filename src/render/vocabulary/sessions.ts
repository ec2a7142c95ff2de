/** Sessions of the INE as mails say them. */
import { dayOf } from './dates.ts'
import { enumeracion, plural, text, word } from './words.ts'

/** «Décima primera sesión extraordinaria», «Sesión ordinaria», «Reunión de trabajo» */
export function nombreDeSesion(session: { tipo: string; ordinal?: string | null }): string {
  const name = word(session.tipo, {
    ordinaria: 'sesión ordinaria',
    extraordinaria: 'sesión extraordinaria',
    'extraordinaria-urgente': 'sesión extraordinaria urgente',
    especial: 'sesión especial',
    permanente: 'sesión permanente',
    'reunion-de-trabajo': 'reunión de trabajo',
  })
  return session.ordinal
    ? `${session.ordinal} ${name}`
    : name.charAt(0).toUpperCase() + name.slice(1)
}

export function modalidadEnPalabras(code: string): string {
  return word(code, {
    presencial: 'Presencial',
    virtual: 'Virtual',
    semipresencial: 'Semipresencial',
    hibrida: 'Híbrida: presencial y virtual',
    'por-confirmar': 'Modalidad por confirmar',
  })
}

/** Empty for what needs no word: a session that is on, or whose hour already says that it is to be confirmed. */
export function estadoDeSesion(session: { estado: string; hora: string | null }): string {
  if (session.estado === 'por-confirmar' && session.hora === null) return ''
  return word(session.estado, {
    programada: '',
    'por-confirmar': 'Por confirmar',
    reprogramada: 'Reprogramada',
    cancelada: 'Cancelada',
    celebrada: 'Celebrada',
  })
}

interface Session {
  fecha: string
  hora: string | null
  fuente: { nombre: string; url?: string | null; consultadaEl: string }
}

/** Sessions grouped by day and, within a day, by hour; in order, those without an hour last. */
export function porDia<S extends Session>(sessions: S[]) {
  const days = Map.groupBy(inOrder(sessions), (session) => session.fecha)
  return [...days].map(([fecha, sesiones]) => dayWith(fecha, sesiones))
}

/** The same for a week: Monday to Friday in any case, Saturday and Sunday when they have sessions. */
export function diasDeLaSemana<S extends Session>(monday: string, sessions: S[] | null) {
  const days = porDia(sessions ?? [])
  const others = [0, 1, 2, 3, 4]
    .map((offset) => dayOf(monday).plus({ days: offset }).toISODate())
    .filter((day) => !days.some(({ fecha }) => fecha === day))
  return [...days, ...others.map((day) => dayWith<S>(day, []))].toSorted((a, b) =>
    compare(a.fecha, b.fecha),
  )
}

function dayWith<S extends Session>(fecha: string, sesiones: S[]) {
  const day = dayOf(fecha)
  const hours = Map.groupBy(sesiones, (session) => session.hora)
  return {
    fecha,
    diaDeLaSemana: day.toFormat('cccc'),
    dia: day.toFormat('d'),
    mes: day.toFormat('LLLL'),
    sesiones,
    porHora: [...hours].map(([hora, sesiones]) => ({ hora, sesiones })),
  }
}

/** The sources of the sessions, each once, with the last day on which it was consulted. */
export function fuentesDe(sessions: Session[]) {
  const groups = Map.groupBy(sessions, ({ fuente }) => `${fuente.nombre}\n${fuente.url ?? ''}`)
  return [...groups.values()].map((group) => {
    const last = group
      .map(({ fuente }) => fuente)
      .toSorted((a, b) => Date.parse(b.consultadaEl) - Date.parse(a.consultadaEl))[0]!
    return { nombre: last.nombre, url: last.url ?? null, consultadaEl: new Date(last.consultadaEl) }
  })
}

/** «5 sesiones programadas y 1 cancelada» */
export function cuentaDeSesiones(sessions: { estado: string }[]): string {
  const cancelled = sessions.filter(cancelada).length
  const held = sessions.length - cancelled
  return enumeracion([
    ...(held > 0 ? [plural(held, 'sesión programada', 'sesiones programadas')] : []),
    ...(cancelled > 0 && held > 0 ? [plural(cancelled, 'cancelada', 'canceladas')] : []),
    ...(cancelled > 0 && held === 0
      ? [plural(cancelled, 'sesión cancelada', 'sesiones canceladas')]
      : []),
  ])
}

export const cancelada = (session: { estado: string }): boolean => session.estado === 'cancelada'

/** The file that comes with these does not only add to a calendar. */
export const hayCanceladas = (sessions: { estado: string }[]): boolean => sessions.some(cancelada)

/** Where a line has no room for a long name: «CVOPL», «Comité de Transparencia», «Comisiones Unidas». */
export function organoBreve(body: {
  clase: string
  nombre: string
  siglas?: string | null
}): string {
  const { clase, nombre, siglas } = body
  return (
    siglas ??
    (nombre.length <= shortNameLength ? nombre : undefined) ??
    word(clase, {
      'consejo-general': 'Consejo General',
      'junta-general-ejecutiva': 'Junta General Ejecutiva',
      comision: 'Comisión',
      'comisiones-unidas': 'Comisiones Unidas',
      comite: 'Comité',
      'comision-nacional-de-vigilancia': 'Comisión Nacional de Vigilancia',
      'grupo-de-trabajo': 'Grupo de Trabajo',
    })
  )
}

const shortNameLength = 30

/** «Comité de Radio y Televisión (CRT)» */
export function organoConSiglas(body: { nombre: string; siglas?: string | null }): string {
  const { nombre, siglas } = body
  return siglas && !nombre.includes(siglas) ? `${nombre} (${siglas})` : nombre
}

/** «3.», whether it was written `3`, `3.`, `3)` or `3.-` */
export const numeral = (number: string): string => `${text(number).replace(/[.)–-]+$/, '')}.`

/** Where to follow it and what to read. */
export function enlacesDeSesion(session: {
  enlaces: Record<'transmision' | 'ordenDelDia' | 'documentos', string | null | undefined>
}): { texto: string; url: string }[] {
  const { transmision, ordenDelDia, documentos } = session.enlaces
  return [
    { texto: 'Transmisión', url: transmision },
    { texto: 'Orden del día', url: ordenDelDia },
    { texto: 'Documentos', url: documentos },
  ].filter((link): link is { texto: string; url: string } => typeof link.url === 'string')
}

/** A session of a correction carries `cambio` when it differs from what was sent before; schemas do not know it. */
interface Change {
  cambio?: string
}

const changes = { nueva: 'Nueva', modificada: 'Modificada', cancelada: 'Cancelada' }

/** Those that a correction changes, in order. */
export function sesionesConCambio<S extends Session & Change>(sessions: S[] | null): S[] {
  return inOrder((sessions ?? []).filter(({ cambio }) => cambio !== undefined))
}

/** What must be said beside a session, each once: its change, then its state. `clase`: for the colour. */
export function rotulosDeSesion(
  session: { estado: string; hora: string | null } & Change,
): { texto: string; clase: string }[] {
  const { cambio, estado } = session
  const state = { texto: estadoDeSesion(session), clase: `estado-${estado}` }
  if (cambio === undefined) return state.texto === '' ? [] : [state]
  const change = { texto: word(cambio, changes), clase: `cambio cambio-${cambio}` }
  return state.texto === '' || state.texto === change.texto ? [change] : [change, state]
}

const inOrder = <S extends Session>(sessions: S[]): S[] =>
  sessions.toSorted((a, b) => compare(a.fecha, b.fecha) || compare(a.hora ?? '~', b.hora ?? '~'))

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
