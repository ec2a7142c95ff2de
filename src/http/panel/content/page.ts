/** The page where the content of an edition is written: the form, its draft, and what somebody else wrote meanwhile. */
import { html } from 'hono/html'
import { draftFiles, type Draft } from '../../../content/drafts.ts'
import { listTopics } from '../../../content/topics.ts'
import type { Edition } from '../../../editions/editions.ts'
import { requirePublication, titleOf } from '../../../flow/engine.ts'
import type { DraftVersion } from '../../../flow/write-draft.ts'
import { namedFiles } from '../../../named-files.ts'
import type { Html } from '../../env.ts'
import { errorSummary, type FormErrors } from '../../form.ts'
import { asRead } from './as-read.ts'
import { contentForm } from './form.ts'
import { formFields, hourOf, nameOf, theContent, type Body } from './desk.ts'
import { statusOfItems } from './sections.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest } from '../route.ts'

export interface Desk {
  edition: Edition
  body: Body
  /** Id of the content that its writer had before them. */
  replaces: number | null
  /** The draft that `body` is. */
  draft?: Draft | undefined
  /** The version that was read, when it is of an older draft. */
  seen?: DraftVersion | undefined
  /** Saved by somebody else since then: `body` is in no draft yet. */
  theirs?: Draft
  errors?: FormErrors
  done?: string | undefined
  status?: 409
}

/** Somebody else's version, and what the button says that would put this one over it. */
interface Meanwhile {
  note: Html
  over: string
}

export async function contentPage(request: PanelRequest, desk: Desk): Promise<Response> {
  const { engine, c } = request
  const { edition, errors = {}, body } = desk
  const hasErrors = Object.keys(errors).length > 0
  const title = `Contenido: ${titleOf(engine, edition)}`
  const meanwhile = await meanwhileOf(request, desk)
  const fields = formFields(engine, edition)
  const choices = {
    topics: await listTopics(engine.db),
    files: await fileNames(request, desk),
    statusOf: statusOfItems(requirePublication(engine, edition.publication), fields, body),
  }
  return showPanel(
    request,
    { title, hasErrors, status: desk.status ?? (hasErrors ? 422 : 200) },
    html`${hasErrors && errorSummary(errors)} ${meanwhile?.note}
      ${desk.done && html`<div class="box done" role="status"><p>${desk.done}</p></div>`}
      ${desk.draft && (await draftNote(request, desk.draft))}
      <p>
        Los párrafos admiten **negritas**, *cursivas*, listas con guion y [ligas](https://…).
        <a href="${c.var.link(panelPaths.edition(edition.id))}">Volver sin guardar</a>
      </p>
      <form
        method="post"
        id="contenido-form"
        action="${c.var.link(panelPaths.content(edition.id))}"
        enctype="multipart/form-data"
        novalidate
      >
        <button hidden name="accion" value="borrador">Guardar borrador</button>
        <input type="hidden" name="desde" value="${desk.replaces ?? ''}" />
        <input type="hidden" name="borrador" value="${tokenOf(desk.draft ?? desk.seen)}" />
        ${meanwhile && overButton(meanwhile)} ${contentForm(fields, body, errors, choices)}
        ${meanwhile ? overButton(meanwhile) : waysOut}
      </form>
      ${desk.draft && discardForm(request, edition, desk.draft)}`,
  )
}

const tokenOf = (draft: DraftVersion | undefined): string =>
  draft ? `${draft.id}.${draft.version}` : ''

const waysOut = html`<p class="moves">
  <button class="second" name="accion" value="borrador">Guardar borrador</button>
  <button class="second" name="accion" value="ver">Ver qué falta</button>
  <button name="accion" value="guardar">Guardar y revisar</button>
</p>`

const overButton = ({ over }: Meanwhile): Html =>
  html`<p class="moves">
    <button name="accion" value="${over}">Guardar la mía encima</button>
  </p>`

async function draftNote({ engine }: PanelRequest, draft: Draft): Promise<Html> {
  const name = await nameOf(engine.db, draft.userId)
  return html`<p class="box">
    Borrador de ${name}, guardado ${hourOf(draft.updatedAt, engine.clock.now())}. Nada de él sale
    hasta «Guardar y revisar».
  </p>`
}

function discardForm({ c }: PanelRequest, edition: Edition, draft: Draft): Html {
  return html`<details id="descartar">
    <summary>Descartar el borrador</summary>
    <form method="post" action="${c.var.link(panelPaths.content(edition.id))}">
      <input type="hidden" name="desde" value="${draft.replaces ?? ''}" />
      <input type="hidden" name="borrador" value="${tokenOf(draft)}" />
      <p>
        Se pierden su texto y los archivos que se subieron con él.
        ${edition.contentId === null ? 'El formulario queda vacío.' : 'El formulario vuelve al contenido guardado.'}
      </p>
      <button class="second" name="accion" value="descartar">Descartar el borrador</button>
    </form>
  </details>`
}

/** undefined: nobody wrote anything since what this form began from. */
async function meanwhileOf(request: PanelRequest, desk: Desk): Promise<Meanwhile | undefined> {
  const { engine, c } = request
  const { edition, theirs, body } = desk
  const fields = formFields(engine, edition)
  const now = engine.clock.now()
  if (theirs) {
    const name = await nameOf(engine.db, theirs.userId)
    return {
      over: `encima:${tokenOf(theirs)}`,
      note: html`<div class="box wrong" role="alert" tabindex="-1" autofocus>
        <h2>Otra versión se guardó mientras tanto</h2>
        <p>
          ${name} guardó este borrador ${hourOf(theirs.updatedAt, now)}. Lo que usted escribió está
          completo en el formulario, y todavía no se guarda.
        </p>
        <details>
          <summary>Ver la versión de ${name}</summary>
          ${asRead(fields, theirs.body, body)}
        </details>
        <p>
          <a href="${c.var.link(panelPaths.content(edition.id))}"
            >Dejar la de ${name} y abandonar la mía</a
          >
        </p>
      </div>`,
    }
  }
  if (!desk.draft || desk.replaces === edition.contentId) return undefined
  const content = await theContent(engine.db, edition)
  if (!content) return undefined
  return {
    over: `encima:${tokenOf(desk.draft)}:${content.id}`,
    note: html`<div class="box wrong" role="alert" tabindex="-1" autofocus>
      <h2>El contenido cambió después de empezar este borrador</h2>
      <p>
        ${content.author} lo guardó ${hourOf(content.createdAt, now)}. El borrador está completo en
        el formulario.
      </p>
      <details>
        <summary>Ver el contenido de ${content.author}</summary>
        ${asRead(fields, content.body, body)}
      </details>
      <p>
        «Guardar la mía encima» sustituye ese contenido. Para dejarlo,
        <a href="#descartar">descarte el borrador</a>.
      </p>
    </div>`,
  }
}

async function fileNames({ engine }: PanelRequest, desk: Desk): Promise<string[]> {
  const id = (desk.draft ?? desk.theirs)?.id
  const uploaded = id === undefined ? [] : await draftFiles(engine.db, id)
  const content = await theContent(engine.db, desk.edition)
  const frozen = namedFiles(content?.body).map(({ entry }) => entry.archivo)
  return [...new Set([...uploaded.map(({ name }) => name), ...frozen])]
}

/** What is open can be read, whole, where it cannot be saved any more. */
export async function closedPage(
  request: PanelRequest,
  edition: Edition,
  { body, isKept }: { body: Body | undefined; isKept: boolean },
): Promise<Response> {
  const { engine, c } = request
  return showPanel(
    request,
    { title: 'Esta edición ya no admite contenido', status: 409 },
    html`<p class="lead">
        ${titleOf(engine, edition)} ya no se puede cambiar desde aquí. Si hay que corregirla, se
        abre un alcance.
      </p>
      <p><a href="${c.var.link(panelPaths.edition(edition.id))}">Ver la edición</a></p>
      ${
        body &&
        html`<section>
          <h2>Lo que estaba escrito</h2>
          <p>
            ${isKept ? 'Queda guardado en su borrador.' : 'No se guardó: cópielo si lo necesita.'}
          </p>
          ${asRead(formFields(engine, edition), body)}
        </section>`
      }`,
  )
}
