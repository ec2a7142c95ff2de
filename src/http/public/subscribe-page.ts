/** /suscripciones as it is seen, and what follows from sending either of its forms. */
import { html } from 'hono/html'
import type { List } from '../../audience/lists.ts'
import { daysBetweenRareMails } from '../../audience/subscription-requests.ts'
import { confirmWithinHours } from '../../flow/subscription-mails.ts'
import { paths } from '../../links.ts'
import type { PrivacyNotice } from '../../privacy-notice.ts'
import type { PageContext } from '../env.ts'
import { errorSummary, marks, notes, textField, type FormErrors } from '../form.ts'
import { waiting } from '../limits.ts'
import { showPage } from '../page.ts'
import { firstCountries, otherCountries, type Choice } from './country-choices.ts'
import { maxNameLength, type Written } from './subscribe-form.ts'

/** RFC 5321 §4.5.3.1.3, without its brackets. */
const maxAddressLength = 254

interface Filled {
  written: Written
  errors: FormErrors
}

const nothingWritten: Written = {
  isManage: false,
  lists: [],
  address: '',
  name: '',
  country: '',
  consents: false,
}

/** `refused`: a form that came back. */
export function subscribePage(
  c: PageContext,
  privacy: PrivacyNotice,
  lists: List[],
  refused?: Filled,
) {
  const clean: Filled = { written: nothingWritten, errors: {} }
  const [subscribing, managing] = refused?.written.isManage ? [clean, refused] : [refused, clean]
  return showPage(
    c,
    { title: 'Suscripciones', status: refused ? 422 : 200, hasErrors: refused !== undefined },
    html`${refused && errorSummary(refused.errors)}
      <p class="lead">
        Reciba por correo las publicaciones del Instituto Electoral de la Ciudad de México. Puede
        darse de baja cuando quiera.
      </p>
      <section>
        <h2>Suscribirse</h2>
        ${
          lists.length === 0
            ? html`<p>Por ahora no hay listas abiertas a nuevas suscripciones.</p>`
            : subscribeForm(c, privacy, lists, subscribing ?? clean)
        }
      </section>
      <section>
        <h2>Administrar mis suscripciones</h2>
        <p>Le enviamos una liga para ver sus suscripciones, cambiarlas o darse de baja.</p>
        <form method="post" novalidate>
          ${textField({
            id: 'correo-propio',
            name: 'correo',
            label: 'Correo electrónico con el que se suscribió',
            type: 'email',
            autocomplete: 'email',
            maxLength: maxAddressLength,
            required: true,
            value: managing.written.address,
            error: managing.errors['correo-propio'],
          })}
          <button class="second" name="accion" value="administrar">Enviarme la liga</button>
        </form>
      </section>`,
  )
}

function subscribeForm(
  c: PageContext,
  privacy: PrivacyNotice,
  lists: List[],
  { written, errors }: Filled,
) {
  return html`<form method="post" novalidate>
    ${listChoices(lists, written, errors['listas'])}
    ${textField({
      id: 'correo',
      name: 'correo',
      label: 'Correo electrónico',
      hint: 'Por ejemplo: nombre@ejemplo.mx',
      type: 'email',
      autocomplete: 'email',
      maxLength: maxAddressLength,
      required: true,
      value: written.address,
      error: errors['correo'],
    })}
    ${textField({
      id: 'nombre',
      name: 'nombre',
      label: 'Nombre (opcional)',
      hint: 'Para saludarle en los correos.',
      type: 'text',
      autocomplete: 'name',
      maxLength: maxNameLength,
      value: written.name,
      error: errors['nombre'],
    })}
    ${countryField(written.country, errors['pais'])}
    ${consentField(c, privacy, written.consents, errors['consentimiento'])}
    <button name="accion" value="suscribir">Suscribirme</button>
  </form>`
}

function listChoices(lists: List[], { lists: chosen }: Written, error: string | undefined) {
  const field = { id: 'listas', label: 'Listas', error }
  // the summary of errors leads to the first of them
  const idOf = (index: number) => (index === 0 ? 'listas' : `listas-${index + 1}`)
  // of a single list there is nothing to choose
  const isChosen = ({ slug }: List) => chosen.includes(slug) || lists.length === 1
  return html`<fieldset class="${error && 'has-problem'}">
    <legend>Listas</legend>
    ${notes(field)}
    ${lists.map(
      (list, index) =>
        html`<div class="choice">
          <input
            type="checkbox"
            id="${idOf(index)}"
            name="lista"
            value="${list.slug}"
            ${isChosen(list) && html`checked`}
            ${index === 0 && marks(field)}
          />
          <div>
            <label for="${idOf(index)}"><strong>${list.name}</strong></label>
            ${list.description && html`<p class="hint">${list.description}</p>`}
          </div>
        </div>`,
    )}
  </fieldset>`
}

function countryField(value: string, error: string | undefined) {
  const field = { id: 'pais', label: 'País donde vive (opcional)', error }
  const option = ({ code, name }: Choice) =>
    html`<option value="${code}" ${code === value && html`selected`}>${name}</option>`
  return html`<div class="field ${error && 'has-problem'}">
    <label for="pais">${field.label}</label>
    ${notes(field)}
    <select id="pais" name="pais" autocomplete="country" ${marks(field)}>
      <option value="">Sin indicar</option>
      ${firstCountries.map(option)}
      <hr />
      ${otherCountries.map(option)}
    </select>
  </div>`
}

function consentField(
  c: PageContext,
  { version }: PrivacyNotice,
  isChecked: boolean,
  error: string | undefined,
) {
  const field = { id: 'consentimiento', label: '', error }
  return html`<div class="field ${error && 'has-problem'}">
    ${notes(field)}
    <div class="choice">
      <input
        type="checkbox"
        id="consentimiento"
        name="consentimiento"
        value="si"
        required
        ${isChecked && html`checked`}
        ${marks(field)}
      />
      <label for="consentimiento">
        Leí el <a href="${c.var.link(paths.privacy)}">aviso de privacidad</a> (versión ${version}) y
        acepto recibir estos correos.
      </label>
    </div>
  </div>`
}

/** The same for every address. */
export function checkMailPage(
  c: PageContext,
  { address, isManage }: { address: string; isManage: boolean },
) {
  return showPage(
    c,
    { title: 'Revise su correo' },
    html`<div class="box done" role="status">
        <p class="lead">
          ${
            isManage
              ? 'Si la dirección está en alguna de nuestras listas, en unos minutos llegará un correo con la liga para administrarla.'
              : 'Si la dirección es correcta, en unos minutos llegará un correo. Para terminar, abra la liga que trae.'
          }
        </p>
        <p>Escribió: <strong>${address}</strong></p>
      </div>
      ${!isManage && html`<p>La liga sirve durante ${confirmWithinHours} horas.</p>`}
      <h2>Si no llega</h2>
      <ul>
        <li>Busque en la carpeta de correo no deseado.</li>
        <li>
          Si la dirección tiene un error,
          <a href="${c.var.link(paths.subscriptions)}">escríbala de nuevo</a>.
        </li>
        <li>
          A una misma dirección le enviamos a lo más tres de estos correos al día. Si está excluida
          de los envíos, uno cada ${daysBetweenRareMails} días.
        </li>
      </ul>`,
  )
}

/** Whoever is not served is not told to wait for a mail. The same for every address. */
export function tryLaterPage(c: PageContext, seconds: number) {
  c.header('Retry-After', String(seconds))
  return showPage(
    c,
    { title: 'Inténtelo más tarde', status: 503 },
    html`<p class="lead">
        En esta hora llegaron más solicitudes de las que podemos atender. La suya no se registró y
        no le enviaremos ningún correo por ella.
      </p>
      <p>Espere ${waiting(seconds)} e inténtelo de nuevo.</p>`,
  )
}
