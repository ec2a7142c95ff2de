/** The fields of accounts: who somebody is, what they may, and their password. */
import { html } from 'hono/html'
import type { Config } from '../../../config.ts'
import { Problem } from '../../../errors.ts'
import { maxNameLength, roles, type Role, type User } from '../../../people/users.ts'
import type { Html } from '../../env.ts'
import { marks, notes, textField, textOf, textsOf, type FormErrors } from '../../form.ts'

/** As it was typed: whether they are roles is for the check to say. */
export type Person = Omit<User, 'id'>

export const noPerson: Person = { login: '', name: '', email: '', roles: [] }

export const roleNames: Record<Role, string> = {
  capturista: 'Captura',
  aprobacion: 'Aprobación',
  operacion: 'Operación',
  privacidad: 'Privacidad y transparencia',
  consulta: 'Consulta',
}

const roleHints: Record<Role, string> = {
  capturista: 'Redacta, previsualiza, marca como lista e importa contactos.',
  aprobacion: 'Aprueba o devuelve lo que redactó otra persona; cierra el trimestre.',
  operacion: 'Pausa, reanuda y reenvía; administra calendario y cuentas.',
  privacidad: 'Atiende a cada persona: consulta, bloqueo, supresión y accesos.',
  consulta: 'Lee la agenda, el registro y el informe, con direcciones enmascaradas.',
}

export const rolesInWords = (given: Role[]): string =>
  given.map((role) => roleNames[role]).join(', ')

export const readPerson = (form: FormData): Person => ({
  login: textOf(form, 'clave').toLowerCase(),
  name: textOf(form, 'nombre'),
  email: textOf(form, 'correo'),
  roles: textsOf(form, 'roles') as Role[],
})

/** As it was typed, spaces included; empty when it was not sent, or as a file. */
export function passwordOf(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === 'string' ? value : ''
}

export const notRepeated = (form: FormData): FormErrors =>
  passwordOf(form, 'contrasena') === passwordOf(form, 'repetida')
    ? {}
    : { repetida: 'Las dos contraseñas no son iguales: escríbalas de nuevo' }

const fieldOfPlace: Record<string, { id: string; prefix?: string }> = {
  clave: { id: 'clave' },
  nombre: { id: 'nombre' },
  correo: { id: 'correo' },
  roles: { id: 'roles' },
  cuenta: { id: 'cuenta' },
  actual: { id: 'actual' },
  contraseña: { id: 'contrasena', prefix: 'La contraseña ' },
}

/** At their fields; what is wrong elsewhere is thrown on. */
export function errorsOf(error: unknown): FormErrors {
  if (!(error instanceof Problem)) throw error
  return Object.fromEntries(
    error.faults.map(({ place, message, remedy }) => {
      const field = fieldOfPlace[place]
      if (!field) throw error
      const text = `${field.prefix ?? ''}${message}`
      return [field.id, `${text.charAt(0).toUpperCase()}${text.slice(1)}. ${remedy}`]
    }),
  )
}

export const loginField = (person: Person, errors: FormErrors, autocomplete: string): Html =>
  textField({
    id: 'clave',
    name: 'clave',
    label: 'Clave',
    hint: 'Con ella entra al panel y no cambia: de 2 a 40 minúsculas sin acento, dígitos, puntos o guiones.',
    error: errors['clave'],
    type: 'text',
    value: person.login,
    autocomplete,
    maxLength: 40,
    required: true,
  })

/** `oidc`: with it the address leads to the account. `isOwn`: programs may fill in whoever uses them. */
export const personFields = (
  { oidc }: Pick<Config, 'oidc'>,
  person: Person,
  errors: FormErrors,
  { isOwn = false } = {},
): Html =>
  html`${textField({
    id: 'nombre',
    name: 'nombre',
    label: 'Nombre',
    error: errors['nombre'],
    type: 'text',
    value: person.name,
    autocomplete: isOwn ? 'name' : 'off',
    maxLength: maxNameLength,
    required: true,
  })}
  ${textField({
    id: 'correo',
    name: 'correo',
    label: 'Correo institucional',
    hint: `A donde llegan los avisos y las pruebas${oidc ? ', y con el que se entra por la cuenta institucional' : ''}.`,
    error: errors['correo'],
    type: 'email',
    value: person.email,
    autocomplete: isOwn ? 'email' : 'off',
    maxLength: 254,
    required: true,
  })}`

/** The first one has the id: an error leads to it. */
export function roleFields(person: Person, errors: FormErrors): Html {
  const field = { id: 'roles', label: 'Roles', error: errors['roles'] }
  return html`<fieldset class="${field.error && 'has-problem'}" ${marks(field)}>
    <legend>${field.label}</legend>
    <div>${notes(field)}</div>
    ${roles.map(
      (role, i) =>
        html`<div class="choice">
          <input
            id="${i === 0 ? field.id : `roles-${role}`}"
            name="roles"
            type="checkbox"
            value="${role}"
            aria-describedby="roles-${role}-nota"
            ${person.roles.includes(role) && html`checked`}
          />
          <div>
            <label for="${i === 0 ? field.id : `roles-${role}`}">${roleNames[role]}</label>
            <p class="hint" id="roles-${role}-nota">${roleHints[role]}</p>
          </div>
        </div>`,
    )}
  </fieldset>`
}

/** Never filled in again: a password is in no page. */
export const newPasswordFields = (errors: FormErrors): Html =>
  html`${passwordField({
    id: 'contrasena',
    label: 'Contraseña nueva',
    hint: '12 caracteres o más: una frase es fácil de recordar.',
    error: errors['contrasena'],
    autocomplete: 'new-password',
  })}
  ${passwordField({
    id: 'repetida',
    label: 'La misma contraseña, otra vez',
    error: errors['repetida'],
    autocomplete: 'new-password',
  })}`

export function passwordField(field: {
  id: string
  label: string
  hint?: string
  error: string | undefined
  autocomplete: 'new-password' | 'current-password'
}): Html {
  const { id, label, autocomplete, error } = field
  return html`<div class="field ${error && 'has-problem'}">
    <label for="${id}">${label}</label>
    ${notes(field)}
    <input
      id="${id}"
      name="${id}"
      type="password"
      autocomplete="${autocomplete}"
      required
      ${marks(field)}
    />
  </div>`
}

/** For password managers, which keep a password under a login. */
export const loginOfPassword = (login: string): Html =>
  html`<input type="text" name="clave" value="${login}" autocomplete="username" readonly hidden />`
