/** First and second steps: what it is about, how it is announced, and what it says. */
import { html } from 'hono/html'
import type { Html } from '../../env.ts'
import { may } from '../../../people/users.ts'
import type { Publication } from '../../../publication.ts'
import { contentForm } from '../content/form.ts'
import { labelOf } from '../content/labels.ts'
import { panelPaths, type PanelRequest } from '../route.ts'
import { area, choice, line, type Written } from './controls.ts'
import { fieldsOfStep, idOf, names } from './steps.ts'
import { subjectOf, type Catalogues } from './summary.ts'

const recommendedSubject = 60
const recommendedPreheader = 110

export function subjectForm(
  request: PanelRequest,
  publication: Publication,
  written: Written,
  { topics }: Catalogues,
): Html {
  return html`${fieldsOfStep(publication, 'asunto').map(
    ({ name, field, isRequired, note, initial }) => {
      switch (name) {
        case 'tema':
          return topicField(request, written, topics)
        case 'asunto':
        case 'titulo':
          return line(written, name, { counts: recommendedSubject })
        case 'preencabezado':
          return line(written, name, {
            isOptional: true,
            counts: recommendedPreheader,
            hint: 'El renglón que muchos programas muestran después del asunto. Sin él se lee el principio del mensaje.',
          })
        case 'tituloInforme':
          return line(written, name, {
            isOptional: true,
            hint: 'El renglón del informe trimestral. Es igual al asunto mientras no se escriba otro.',
            initial: subjectOf(written.answers),
          })
        default:
          return field.kind === 'choice'
            ? choice(
                written,
                name,
                field.options.map((value) => ({ value, name: labelOf(value) })),
                typeof initial === 'string' ? { initial } : {},
              )
            : line(written, name, { isOptional: !isRequired, hint: note })
      }
    },
  )}`
}

function topicField(
  { c, user }: PanelRequest,
  written: Written,
  topics: Catalogues['topics'],
): Html {
  const options = topics.map(({ key, name }) => ({ value: key, name }))
  const hint = 'El informe trimestral cuenta los temas distintos.'
  return html`${choice(written, 'tema', options, { hint })}
  ${
    may(user, 'topics.add')
      ? html`<p><a href="${c.var.link(panelPaths.topics)}">Agregar un tema al catálogo</a></p>`
      : html`<p class="hint">
          Si falta un tema, lo agrega al catálogo una persona con el rol de aprobación.
        </p>`
  }`
}

export function messageForm(
  publication: Publication,
  written: Written,
  files: string[],
  { topics }: Catalogues,
): Html {
  const fields = fieldsOfStep(publication, 'mensaje')
  const own = ['saludo', 'cuerpo']
  const named = (name: string) => fields.find((field) => field.name === name)
  const others = fields.filter(({ name }) => !own.includes(name))
  const greeting = named('saludo')?.initial
  return html`${
    named('saludo') &&
    line(written, 'saludo', typeof greeting === 'string' ? { initial: greeting } : {})
  }
  ${
    named('cuerpo') &&
    area(written, 'cuerpo', {
      rows: 14,
      hint: 'Un renglón en blanco separa los párrafos. Admite **negritas**, *cursivas*, listas con guion o número y [ligas](https://…).',
      toolbar: toolbar('cuerpo'),
    })
  }
  ${contentForm(others, written.answers, written.errors, { topics, files })}`
}

/** They mark what is selected; without a script they are not there, and marks are typed. */
function toolbar(path: string): Html {
  return html`<div
    class="moves marks"
    role="group"
    aria-label="Marcas para: ${names[path] ?? path}"
    data-marks="#${idOf(path)}"
    hidden
  >
    ${marks.map(
      ([text, mark, example]) =>
        html`<button
          type="button"
          class="second slim"
          data-mark="${mark}"
          data-example="${example}"
        >
          ${text}
        </button>`,
    )}
  </div>`
}

const marks: [text: string, mark: string, example: string][] = [
  ['Negritas', '**', 'texto importante'],
  ['Cursivas', '*', 'título de una obra'],
  ['Lista', '\n- %', 'primer punto'],
  ['Lista numerada', '\n1. %', 'primer paso'],
  ['Liga', '[%](https://)', 'a dónde lleva'],
]
