/** The mails that answer the public pages: plain text, and nothing in them that whoever filled the form could choose. */
import type { List } from '../audience/lists.ts'
import type { SenderSlug } from '../config.ts'
import { signToken } from '../keys.ts'
import { linkTo, paths } from '../links.ts'
import { enumeracion } from '../render/vocabulary/words.ts'
import type { Engine } from './engine.ts'
import { longTime } from './hold.ts'

export interface PersonalMail {
  sender: SenderSlug
  subject: string
  plainText: string
}

export const confirmWithinHours = 48
export const manageWithinHours = 24
const hourMs = 3_600_000
const ifNotYou = 'Si usted no lo pidió, no haga nada:'

export function confirmMail(engine: Engine, lists: List[], requestId: number): PersonalMail {
  const token = signToken(engine.keys, 'confirm', [requestId])
  return {
    sender: lists[0]!.sender,
    subject: `Confirme su suscripción: ${named(lists)}`,
    plainText: [
      'Buen día:',
      '',
      'Recibimos la solicitud de suscribir esta dirección a:',
      '',
      ...bullets(lists),
      '',
      'Para confirmarla, abra esta página y oprima «Confirmar mi suscripción»:',
      '',
      linkTo(engine.config.publicUrl, paths.confirm(token)),
      '',
      `La liga sirve hasta el ${longTime(hoursFromNow(engine, confirmWithinHours))}.`,
      '',
      `${ifNotYou} sin su confirmación no le suscribimos.`,
    ].join('\n'),
  }
}

export function alreadySubscribedMail(
  engine: Engine,
  lists: List[],
  contactId: number,
): PersonalMail {
  return {
    sender: lists[0]!.sender,
    subject: `Ya tiene esta suscripción: ${named(lists)}`,
    plainText: [
      'Buen día:',
      '',
      'Recibimos la solicitud de suscribir esta dirección a:',
      '',
      ...bullets(lists),
      '',
      'Ya está suscrita: no hace falta que haga nada.',
      '',
      ...ownPage(engine, contactId),
      '',
      `${ifNotYou} todo sigue como estaba.`,
    ].join('\n'),
  }
}

export function ownSubscriptionsMail(
  engine: Engine,
  contactId: number,
  sender: SenderSlug,
): PersonalMail {
  return {
    sender,
    subject: 'Sus suscripciones',
    plainText: [
      'Buen día:',
      '',
      ...ownPage(engine, contactId),
      '',
      `${ifNotYou} todo sigue como estaba.`,
    ].join('\n'),
  }
}

function ownPage(engine: Engine, contactId: number): string[] {
  const until = hoursFromNow(engine, manageWithinHours)
  const token = signToken(engine.keys, 'manage', [contactId, Math.floor(until.getTime() / 1000)])
  return [
    'En esta página puede ver sus suscripciones, cambiarlas o darse de baja:',
    '',
    linkTo(engine.config.publicUrl, paths.ownSubscriptions(token)),
    '',
    `La liga sirve hasta el ${longTime(until)}. No la comparta: quien la tenga puede cambiar sus suscripciones.`,
  ]
}

const hoursFromNow = ({ clock }: Engine, hours: number): Date =>
  new Date(clock.now().getTime() + hours * hourMs)

const bullets = (lists: List[]): string[] => lists.map(({ name }) => `  - ${name}`)

const named = (lists: List[]): string => enumeracion(lists.map(({ name }) => name))
