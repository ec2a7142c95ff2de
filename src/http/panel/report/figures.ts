/** Figures of the report's sentences that no table has: entered by hand, each beside its sentence. */
import { html } from 'hono/html'
import { enterFigure } from '../../../flow/register.ts'
import { may } from '../../../people/users.ts'
import { definitionOf, sectionsOf } from '../../../report/definition.ts'
import type { Quarter } from '../../../report/quarter.ts'
import { readFigures } from '../../../report/register.ts'
import { slotsOf } from '../../../report/slots.ts'
import { errorSummary, marks, notes, readForm, textOf, type FormErrors } from '../../form.ts'
import { showPanel } from '../page.ts'
import { backToQuarter, dataTable, doneBox, quarterOf } from './parts.ts'
import { closedNote } from './register.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

const path = panelPaths.figures(':quarter')

export const figureRoutes: PanelRoute[] = [
  { method: 'GET', path, act: 'panel.see', answer: figuresPage },
  { method: 'POST', path, act: 'register.edit', answer: figuresAct },
]

interface WantedFigure {
  key: string
  /** Where its sentence is. */
  section: string
  /** Its sentence, with a gap for it. */
  sentence: string
}

function figuresWanted({ engine }: PanelRequest, { year }: Quarter): WantedFigure[] {
  const sentences = sectionsOf(definitionOf(engine.reportDefinitions, year)).flatMap(
    ({ section }) =>
      [
        ...(section.parrafos ?? []),
        ...(section.tablas ?? []).map(({ introduccion }) => introduccion),
      ].map((text) => ({ section: section.id, text })),
  )
  const wanted = sentences.flatMap(({ section, text }) =>
    slotsOf(text).flatMap(({ kind, of }) =>
      kind === 'cifra' ? [{ key: of!, section, sentence: around(text, of!) }] : [],
    ),
  )
  return [...new Map(wanted.toReversed().map((one) => [one.key, one])).values()].toReversed()
}

/** «… se gestionaron ___ folios de seguimiento …» */
function around(text: string, key: string): string {
  const at = text.indexOf(`{cifra:${key}`)
  const end = text.indexOf('}', at) + 1
  const plain = (part: string) => part.replaceAll(/\{[^}]*\}/g, '…').replaceAll('*', '')
  const before = plain(text.slice(0, at)).slice(-70)
  const after = plain(text.slice(end)).slice(0, 70)
  return `…${before}___${after}…`
}

async function figuresPage(request: PanelRequest): Promise<Response> {
  const quarter = quarterOf(request)
  const figures = await readFigures(request.engine.db, quarter)
  const typed = new Map([...figures].map(([key, value]) => [key, String(value)]))
  return showFigures(request, quarter, { figures, typed, errors: {} })
}

interface FiguresForm {
  /** What there is now. */
  figures: Map<string, number>
  typed: Map<string, string>
  errors: FormErrors
}

async function showFigures(
  request: PanelRequest,
  quarter: Quarter,
  { figures, typed, errors }: FiguresForm,
): Promise<Response> {
  const { c, user } = request
  const wanted = figuresWanted(request, quarter)
  const hasErrors = Object.keys(errors).length > 0
  return showPanel(
    request,
    {
      title: `Cifras capturadas de ${quarter.name}`,
      hasErrors,
      ...(hasErrors && { status: 422 }),
    },
    html`${backToQuarter(request, quarter)}
      ${doneBox(request, { guardado: 'Las cifras quedaron guardadas.' })}
      <p>Las piden frases del informe y ninguna tabla las tiene. Sin ellas queda un hueco.</p>
      ${await closedNote(request, quarter)}
      ${
        may(user, 'register.edit')
          ? html`${hasErrors && errorSummary(errors)}
              <form method="post" action="${c.var.link(panelPaths.figures(quarter.name))}">
                ${wanted.map(({ key, section, sentence }) => {
                  const before = figures.get(key)
                  const id = `cifra-${key}`
                  const hint = `${section}: «${sentence}»`
                  const field = { id, label: key, hint, error: errors[id] }
                  return html`<div class="field ${field.error && 'has-problem'}">
                    <label for="${id}">${key}</label>
                    ${notes(field)}
                    <input type="hidden" name="antes-${key}" value="${before ?? ''}" />
                    <input
                      id="${id}"
                      name="${id}"
                      type="text"
                      inputmode="numeric"
                      autocomplete="off"
                      maxlength="10"
                      value="${typed.get(key) ?? ''}"
                      ${marks(field)}
                    />
                  </div>`
                })}
                <button>Guardar las cifras</button>
              </form>`
          : dataTable({
              id: 'cifras',
              caption: `Cifras de ${quarter.name}`,
              columns: ['Cifra', 'Valor', 'Frase'],
              rows: wanted.map(({ key, section, sentence }) => [
                key,
                String(figures.get(key) ?? 'sin capturar'),
                `${section}: «${sentence}»`,
              ]),
            })
      }`,
  )
}

/** Writes those that changed, all or none: one that is wrong, or that somebody else changed, brings the form back. */
async function figuresAct(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const quarter = quarterOf(request)
  const form = await readForm(c)
  const figures = await readFigures(engine.db, quarter)
  const errors: FormErrors = {}
  const typed = new Map<string, string>()
  const changes: { key: string; value: number }[] = []
  for (const { key } of figuresWanted(request, quarter)) {
    const id = `cifra-${key}`
    // one that was not in the form is not changed by it
    if (!form.has(id)) continue
    const text = textOf(form, id)
    typed.set(key, text)
    const now = String(figures.get(key) ?? '')
    if (text === now) continue
    if (textOf(form, `antes-${key}`) !== now)
      errors[id] =
        `${key}: otra persona la cambió a ${now} mientras tanto. Revisarla y guardar otra vez.`
    else if (text === '') errors[id] = `${key}: no puede quedar vacía. Escribir la cifra, o 0.`
    else if (!/^\d{1,10}$/.test(text) || Number(text) > maxFigure)
      errors[id] = `${key}: no es una cifra. Escribirla solo con dígitos, como 198.`
    else changes.push({ key, value: Number(text) })
  }
  if (Object.keys(errors).length > 0)
    return showFigures(request, quarter, { figures, typed, errors })
  for (const change of changes) {
    await enterFigure(engine, engine.reportDefinitions, user, { quarter: quarter.name, ...change })
  }
  return c.redirect(`${c.var.link(panelPaths.figures(quarter.name))}?hecho=guardado`, 303)
}

/** What its column holds. */
const maxFigure = 2_147_483_647
