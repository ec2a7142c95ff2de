/**
 * Everything that is held of a person, as they are given it: field names are Spanish, because it is theirs to read.
 * An hour is an instant; src/flow/person-page.ts shows it in Mexico City.
 */
import { membershipEventsOf, membershipsOf } from '../audience/memberships.ts'
import { requestsOf, stagedRowsOf } from '../audience/person.ts'
import { suppressionsOf } from '../audience/suppressions.ts'
import { countryName } from '../countries.ts'
import { prunedUntil } from '../editions/pruning.ts'
import { deliveriesOfPerson, type DeliveryOfPerson } from '../ledger/person.ts'
import { noticesTo } from '../notices/notices.ts'
import { accessActs, accessesOf } from '../people/accesses.ts'
import type { User } from '../people/users.ts'
import type { PrivacyNotice } from '../privacy-notice.ts'
import { deliveryStateNames, suppressionReasonNames, type SuppressionReason } from '../states.ts'
import { titleOf, type Engine } from './engine.ts'
import { addressesOf, contactOf, lookUp, type Sought } from './person.ts'

export interface PersonFile {
  generado: Date
  /** null: nobody of the lists, although something is held under the address. */
  persona: {
    numero: number
    direccion: string
    nombre: string
    pais: string | null
    etiquetas: string[]
    esGrupo: boolean
    registrada: Date
    bloqueada: Date | null
    sePuedeSuprimirDesde: Date | null
  } | null
  direcciones: string[]
  listas: {
    lista: string
    estado: string
    desde: Date
    origen: string
    consentimiento: string | null
    evidencia: string
    avisoDePrivacidad: string
    baja: Date | null
  }[]
  movimientos: {
    fecha: Date
    lista: string
    acto: string
    origen: string
    avisoDePrivacidad: string
  }[]
  exclusiones: {
    fecha: Date
    motivo: string
    alcance: string
    nota: string
    /** null: only a hash is left, from which no address can be had. */
    direccion: string | null
  }[]
  envios: {
    edicion: string
    direccion: string
    nombre: string
    resultado: string
    motivo: string
    fecha: Date
    intentos: { fecha: Date; resultado: string; codigo: number | null }[]
  }[]
  /** Of what concluded until then, to whom it went may be kept no longer. */
  enviosDepuradosHasta: Date | null
  solicitudes: { fecha: Date; direccion: string; listas: string[]; confirmada: Date | null }[]
  avisos: { fecha: Date; asunto: string; estado: string }[]
  importaciones: { fecha: Date; archivo: string; direccion: string }[]
  /** Who is for the institution to answer: here, when and for what. */
  consultas: { fecha: Date; acto: string }[]
  aviso: PrivacyNotice
}

/** Throws a Problem when nothing is held. */
export async function personFile(
  engine: Engine,
  user: User,
  who: string,
  act: 'person.show' | 'person.export',
): Promise<PersonFile> {
  const sought = await lookUp(engine, user, who, act, 'person.see')
  const file = await readPersonFile(engine, sought)
  if (holdsNothing(file)) await contactOf(engine, sought)
  return file
}

export function holdsNothing(file: PersonFile): boolean {
  const { persona, exclusiones, envios, solicitudes, avisos, importaciones } = file
  const rest = [exclusiones, envios, solicitudes, avisos, importaciones]
  return persona === null && rest.every((rows) => rows.length === 0)
}

/** What is left of somebody who was erased. */
export function holdsOnlyHashes(file: PersonFile): boolean {
  const exclusiones = file.exclusiones.filter(({ direccion }) => direccion !== null)
  return holdsNothing({ ...file, exclusiones })
}

/** Whoever calls has written down the look. */
export async function readPersonFile(engine: Engine, sought: Sought): Promise<PersonFile> {
  const { db } = engine
  const { contact } = sought
  const addresses = await addressesOf(db, sought)
  return {
    generado: engine.clock.now(),
    persona: contact
      ? {
          numero: contact.id,
          direccion: contact.address,
          nombre: contact.name,
          pais: contact.country === null ? null : countryName(contact.country),
          etiquetas: contact.tags,
          esGrupo: contact.isGroup,
          registrada: contact.createdAt,
          bloqueada: contact.blockedAt,
          sePuedeSuprimirDesde: contact.eraseAfter,
        }
      : null,
    direcciones: addresses,
    ...(await memberships(engine, contact?.id)),
    exclusiones: (await Promise.all(addresses.map((one) => exclusions(engine, one)))).flat(),
    envios: (await deliveriesOfPerson(db, { contactId: contact?.id, addresses })).map((one) =>
      shipment(engine, one),
    ),
    enviosDepuradosHasta: await prunedUntil(db),
    solicitudes: (await requestsOf(db, addresses)).map((request) => ({
      fecha: request.createdAt,
      direccion: request.address,
      listas: request.lists,
      confirmada: request.confirmedAt,
    })),
    avisos: (await noticesTo(db, addresses)).map((notice) => ({
      fecha: notice.createdAt,
      asunto: notice.subject,
      estado: notice.state === 'sent' ? 'enviado' : 'no enviado',
    })),
    importaciones: (await stagedRowsOf(db, addresses)).map((row) => ({
      fecha: row.createdAt,
      archivo: row.fileName,
      direccion: row.address ?? '',
    })),
    consultas: (sought.number === undefined ? [] : await accessesOf(db, sought.number)).map(
      ({ at, act }) => ({ fecha: at, acto: accessActs[act] }),
    ),
    aviso: engine.privacy,
  }
}

async function memberships(
  { db }: Engine,
  contactId: number | undefined,
): Promise<Pick<PersonFile, 'listas' | 'movimientos'>> {
  if (contactId === undefined) return { listas: [], movimientos: [] }
  const lists = await membershipsOf(db, contactId)
  const events = await membershipEventsOf(db, contactId)
  return {
    listas: lists.map((one) => ({
      lista: one.listName,
      estado: one.state === 'active' ? 'alta' : 'baja',
      desde: one.since,
      origen: one.origin,
      consentimiento: one.consentedOn,
      evidencia: one.evidence,
      avisoDePrivacidad: one.noticeVersion,
      baja: one.leftAt,
    })),
    movimientos: events.map((event) => ({
      fecha: event.at,
      lista: event.listName,
      acto: event.act === 'joined' ? 'alta' : 'baja',
      origen: event.origin,
      avisoDePrivacidad: event.noticeVersion,
    })),
  }
}

async function exclusions(
  { db, keys }: Engine,
  address: string,
): Promise<PersonFile['exclusiones']> {
  const rows = await suppressionsOf(db, keys, address)
  return rows.map((row) => ({
    fecha: row.at,
    motivo: suppressionReasonNames[row.reason],
    alcance: row.list ?? (row.scope === 'external' ? 'todas las listas externas' : 'todo envío'),
    nota: row.note,
    direccion: row.address,
  }))
}

function shipment(engine: Engine, one: DeliveryOfPerson): PersonFile['envios'][number] {
  const isLeftOut = one.state === 'suppressed'
  return {
    edicion: `${titleOf(engine, one)}${one.revision > 0 ? `, alcance ${one.revision}` : ''}`,
    direccion: one.address,
    nombre: one.name,
    resultado: deliveryStateNames[one.state],
    motivo: isLeftOut
      ? suppressionReasonNames[one.reason as SuppressionReason]
      : (one.reason ?? ''),
    fecha: one.updatedAt,
    intentos: one.attempts.map(({ at, outcome, smtpCode }) => ({
      fecha: at,
      resultado: deliveryStateNames[outcome],
      codigo: smtpCode,
    })),
  }
}
