/** The review of an import, as a page: what the file is, what it has, and what confirming it would do. */
import { html } from 'hono/html'
import type { StagedPreview } from '../../../audience/import-preview.ts'
import { remarkClasses, type RemarkClass } from '../../../audience/import-review.ts'
import type { ImportReview } from '../../../audience/imports.ts'
import { inMexicoCity } from '../../../clock.ts'
import type { Html } from '../../env.ts'
import { errorSummary, type FormErrors } from '../../form.ts'
import { facts } from '../../page.ts'
import { consentFields, type WrittenConsent } from './consent.ts'
import { count, counted, tick } from './parts.ts'
import { dataTable } from '../report/parts.ts'
import { panelPaths, type PanelRequest } from '../route.ts'

/** What was decided, and refused: to be shown again. */
export interface Decision {
  written: WrittenConsent
  skipInvalid: boolean
  acceptDoubtful: boolean
  /** `outcomeHash` of the review that was decided on. */
  revision: string
  /** Of the consent. */
  errors: FormErrors
}

type Review = ImportReview & { preview: StagedPreview }

const classNames: Record<RemarkClass, string> = {
  invalid: 'Filas con error: no se importan',
  doubtful: 'Filas por revisar: parecen mal escritas',
  duplicates: 'Filas repetidas: se reúnen en una',
  left: 'Personas que se dieron de baja: no se suscriben otra vez',
  suppressed: 'Personas a las que no se escribe',
}

export function reviewContent(request: PanelRequest, review: Review, decision?: Decision): Html {
  const errors = decision ? { ...tickErrors(review, decision), ...decision.errors } : {}
  const hasErrors = Object.keys(errors).length > 0
  const { fileName } = review.import
  const isAnother = decision !== undefined && decision.revision !== review.outcomeHash
  return html`${isAnother && changedBox(hasErrors)} ${hasErrors && errorSummary(errors)}
    <p class="lead">
      Paso 2 de 3: revisar <strong>${fileName}</strong>. Todavía no se ha escrito nada en las
      listas.
    </p>
    <p>Revisado ${lookedAt(request, review)}; al confirmar se revisa otra vez.</p>
    ${columnsPart(review)} ${findings(request, review)} ${effect(review)}
    ${decisions(request, review, { errors, decision })}`
}

/** It was weighed again when it was confirmed. Nobody accepts what they did not see. */
const changedBox = (isFollowed: boolean): Html =>
  html`<div class="box wrong" role="alert" ${!isFollowed && html`tabindex="-1" autofocus`}>
    <h2>No se confirmó: ya no haría lo que se revisó</h2>
    <p>
      Alguien cambió las listas o las exclusiones mientras tanto. Abajo está como quedaría ahora; si
      así está bien, confirme otra vez.
    </p>
  </div>`

function lookedAt({ engine }: PanelRequest, { weighedAt }: Review): string {
  const then = inMexicoCity(weighedAt)
  return then.hasSame(inMexicoCity(engine.clock.now()), 'day')
    ? then.toFormat("'a las' HH:mm 'horas'")
    : then.toFormat("'el' cccc d 'de' LLLL, 'a las' HH:mm 'horas'")
}

function tickErrors({ summary }: Review, decision: Decision): FormErrors {
  return {
    ...(summary.invalid > 0 &&
      !decision.skipInvalid && {
        omitir: 'Marque que se omiten las filas con error, o corrija el archivo y súbalo de nuevo.',
      }),
    ...(summary.doubtful > 0 &&
      !decision.acceptDoubtful && {
        aceptar:
          'Marque que las filas por revisar están bien escritas, o corrija el archivo y súbalo de nuevo.',
      }),
  }
}

function columnsPart({ preview }: Review): Html {
  const { columns, firstRows } = preview
  return html`<section>
    <h2>Cómo se leyó el archivo</h2>
    ${dataTable({
      id: 'columnas',
      caption: 'Columnas',
      columns: ['Encabezado', 'Se lee como'],
      rows: columns.map(({ heading, field }) => [
        heading || '(vacío)',
        field === null ? 'no se lee' : field.replaceAll('_', ' '),
      ]),
    })}
    ${dataTable({
      id: 'filas',
      caption: 'Primeras filas',
      columns: ['Fila', 'Correo', 'Nombre', 'País', 'Listas', 'Etiquetas'],
      rows: firstRows.map(({ rowNumber, address, name, country, lists, tags }) => [
        String(rowNumber),
        address ?? '(no es una dirección)',
        name,
        country ?? '',
        lists.join(', '),
        tags.join(', '),
      ]),
    })}
    <p class="small">
      Si una columna no es lo que se lee, descarte esta importación, cambie el encabezado en el
      archivo y súbalo de nuevo.
    </p>
  </section>`
}

/** One class at a time, in the order in which they are to be looked at. */
function findings({ c }: PanelRequest, { import: { id }, summary, remarks }: Review): Html {
  const found = remarkClasses.filter((one) => summary[one] > 0)
  if (found.length === 0) {
    return html`<section>
      <h2>Qué tienen las filas</h2>
      <p>${counted(summary.rows, 'fila', 'filas')}; nada que revisar en ellas.</p>
    </section>`
  }
  const asked = c.req.query('clase')
  const current = found.find((one) => one === asked) ?? found[0]!
  const next = found[found.indexOf(current) + 1]
  const shown = remarks.filter((remark) => remark.class === current)
  const path = c.var.link(panelPaths.import(id))
  const linkTo = (one: RemarkClass) => `${path}?clase=${one}#hallazgos`
  return html`<section id="hallazgos">
    <h2>Qué tienen las filas</h2>
    <nav aria-label="Clases de hallazgos">
      <ol>
        ${found.map(
          (one) =>
            html`<li>
              <a href="${linkTo(one)}" ${one === current && html`aria-current="true"`}
                >${classNames[one]}</a
              >: ${count(summary[one])}
            </li>`,
        )}
      </ol>
    </nav>
    ${dataTable({
      id: 'clase',
      caption: `${classNames[current]} (${count(summary[current])})`,
      columns: ['Fila', 'Columna', 'Valor', 'Motivo', 'Sugerencia'],
      rows: shown.map((one) => [
        String(one.fila),
        one.columna,
        one.valor,
        one.motivo,
        one.sugerencia,
      ]),
    })}
    ${summary[current] > shown.length && html`<p class="small">Se muestran las primeras ${shown.length}; el informe las trae todas.</p>`}
    <ul class="plain">
      ${next && html`<li><a href="${linkTo(next)}">Ver la clase siguiente: ${classNames[next]}</a></li>`}
      <li>
        <a href="${c.var.link(panelPaths.importReport(id))}"
          >Descargar el informe de las filas (CSV)</a
        >
      </li>
    </ul>
  </section>`
}

function effect({ summary }: Review): Html {
  return html`<section>
    <h2>Qué hará confirmar</h2>
    ${facts({
      'Filas del archivo': count(summary.rows),
      'Contactos nuevos': count(summary.newContacts),
      'Altas en listas': count(summary.newMembers),
      'Ya estaban en su lista': count(summary.alreadyMembers),
      ...Object.fromEntries(
        summary.lists.map(({ slug, newMembers }) => [`Altas en ${slug}`, count(newMembers)]),
      ),
    })}
  </section>`
}

const askedFields: Record<string, string> = {
  '--origin': 'origen',
  '--consented-on': 'fecha',
  '--notice': 'aviso',
}

function decisions(
  request: PanelRequest,
  review: Review,
  { errors, decision }: { errors: FormErrors; decision: Decision | undefined },
): Html {
  const { c } = request
  const { summary, missing } = review
  const { id } = review.import
  const discard = html`<form method="post" action="${c.var.link(panelPaths.discardImport(id))}">
    <button class="second">Descartar la importación</button>
  </form>`
  if (summary.invalid === summary.rows) {
    return html`<section>
      <h2>Paso 3 de 3: decidir</h2>
      <p>Ninguna fila puede importarse. Corrija el archivo e impórtelo de nuevo.</p>
      ${discard}
    </section>`
  }
  const asked = [...missing.map(({ place }) => askedFields[place] ?? ''), ...Object.keys(errors)]
  const written = decision?.written ?? {
    origin: '',
    consentedOn: '',
    noticeVersion: '',
    evidence: review.import.consent.evidence,
  }
  return html`<section>
    <h2>Paso 3 de 3: decidir</h2>
    <form method="post" action="${c.var.link(panelPaths.confirmImport(id))}" novalidate>
      <input type="hidden" name="revision" value="${review.outcomeHash}" />
      ${
        missing.length > 0 &&
        html`<fieldset>
          <legend>Falta el consentimiento</legend>
          <p class="hint">
            Hay altas en listas externas (${missing[0]!.value}). Si no se sabe, esas personas no
            pueden importarse.
          </p>
          ${consentFields(request, written, errors, asked)}
        </fieldset>`
      }
      ${
        summary.invalid > 0 &&
        tick({
          id: 'omitir',
          name: 'omitir',
          label: `Omitir ${counted(summary.invalid, 'fila', 'filas')} con error e importar las demás`,
          isOn: decision?.skipInvalid ?? false,
          error: errors.omitir,
        })
      }
      ${
        summary.doubtful > 0 &&
        tick({
          id: 'aceptar',
          name: 'aceptar',
          label: `Importar así ${counted(summary.doubtful, 'fila', 'filas')} por revisar: están bien escritas`,
          isOn: decision?.acceptDoubtful ?? false,
          error: errors.aceptar,
        })
      }
      <p>Puede deshacerse durante 24 horas.</p>
      <button>Confirmar la importación</button>
    </form>
    ${discard}
  </section>`
}
