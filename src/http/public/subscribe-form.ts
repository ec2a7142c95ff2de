/** What came in the forms of /suscripciones, checked. */
import type { List } from '../../audience/lists.ts'
import { countryCodes } from '../../countries.ts'
import type { Asked } from '../../flow/subscribe.ts'
import { normalizeAddress } from '../../mail.ts'
import { textOf, textsOf, type FormErrors } from '../form.ts'

/** As it was written, to be shown again: nobody types a thing twice. */
export interface Written {
  isManage: boolean
  lists: string[]
  address: string
  name: string
  country: string
  consents: boolean
}

export type ReadForm =
  { ok: true; asked: Asked; lists: List[] } | { ok: false; errors: FormErrors; written: Written }

export const maxNameLength = 100
// what cannot be printed, or would turn the text around it; and what makes a web or mail address of a name
const noName = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}<>@/\\]|www\./u

/** `open`: the lists that may be asked for. */
export function readSubscribeForm(form: FormData, open: List[]): ReadForm {
  const written = writtenIn(form, false)
  const lists = open.filter(({ slug }) => written.lists.includes(slug))
  const address = normalizeAddress(written.address)
  const { name, country } = written
  const errors: FormErrors = {
    ...(lists.length === 0 && { listas: 'Elija al menos una lista.' }),
    ...addressError('correo', written.address, address),
    ...((name.length > maxNameLength || noName.test(name)) && {
      nombre: `Escriba sólo su nombre, con ${maxNameLength} caracteres a lo más, o déjelo vacío.`,
    }),
    ...(country !== '' && !countryCodes.has(country) && { pais: 'Elija un país de la lista.' }),
    ...(!written.consents && {
      consentimiento: 'Para suscribirle necesitamos que acepte el aviso de privacidad.',
    }),
  }
  if ('reason' in address || Object.keys(errors).length > 0) return { ok: false, errors, written }
  return { ok: true, asked: { ...address, name, country: country || undefined }, lists }
}

export function readManageForm(form: FormData): ReadForm {
  const written = writtenIn(form, true)
  const address = normalizeAddress(written.address)
  const errors = addressError('correo-propio', written.address, address)
  if ('reason' in address) return { ok: false, errors, written }
  return { ok: true, asked: { ...address, name: '', country: undefined }, lists: [] }
}

function writtenIn(form: FormData, isManage: boolean): Written {
  return {
    isManage,
    lists: textsOf(form, 'lista'),
    address: textOf(form, 'correo'),
    name: textOf(form, 'nombre'),
    country: textOf(form, 'pais'),
    consents: textOf(form, 'consentimiento') !== '',
  }
}

function addressError(
  id: string,
  written: string,
  read: ReturnType<typeof normalizeAddress>,
): FormErrors {
  if ('address' in read) return {}
  if (written === '') return { [id]: 'Escriba su dirección de correo.' }
  return { [id]: `La dirección ${read.reason}. Escríbala como nombre@ejemplo.mx.` }
}
