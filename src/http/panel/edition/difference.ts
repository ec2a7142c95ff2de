/** What changed in an edition: against the version that was approved before, and against the issue before it. */
import { html } from 'hono/html'
import {
  differenceOf,
  shareInCommon,
  type Block,
  type Piece,
} from '../../../editions/difference.ts'
import type { Edition } from '../../../editions/editions.ts'
import { earlierVersions, type Comparison, type Version } from '../../../flow/earlier-versions.ts'
import { longTime } from '../../../flow/hold.ts'
import type { Html } from '../../env.ts'
import { scrolling } from '../dispatches/parts.ts'
import type { PanelRequest } from '../route.ts'

/** Lines shown around a change. */
const context = 2
/** With less in common than this, the text is folded: it is another one. */
const leastShown = 0.2

export async function differences({ engine }: PanelRequest, edition: Edition): Promise<Html> {
  const comparisons = await earlierVersions(engine, edition)
  return html`<section id="diferencias">
    <h2>Qué cambió</h2>
    ${
      comparisons.length === 0
        ? html`<p>
            No hay con qué compararla: es la primera versión que se aprueba, y no se ha enviado otra
            de esta publicación.
          </p>`
        : comparisons.map((one, index) => (index === 0 ? comparison(one) : folded(one)))
    }
  </section>`
}

/** The first is the one that decides. */
const folded = (one: Comparison): Html =>
  html`<details>
    <summary>${one.title}</summary>
    ${comparison(one)}
  </details>`

function comparison({ kind, title, before, after }: Comparison): Html {
  const blocks = differenceOf(before.plainText, after.plainText)
  const isSame = blocks.every((block) => !block.isChanged)
  const share = shareInCommon(blocks)
  return html`<h3>${title}</h3>
    ${factsTable(kind, before, after)}
    ${
      isSame
        ? html`<p>El texto es el mismo.</p>`
        : share < leastShown
          ? html`<p>El texto es casi por completo otro.</p>
              <details>
                <summary>Ver el texto, línea por línea</summary>
                ${text(blocks)}
              </details>`
          : text(blocks)
    }`
}

function factsTable(kind: Comparison['kind'], before: Version, after: Version): Html {
  const rows: [name: string, before: string | undefined, after: string | undefined][] = [
    ['Asunto', before.subject, after.subject],
    ['Remitente', before.sender, after.sender],
    ['Hora', hour(before), hour(after)],
    ['Audiencia', before.audience, after.audience],
  ]
  return scrolling(
    kind === 'approved'
      ? 'Antes, cuando se aprobó, y ahora'
      : 'Antes, en el envío anterior, y ahora',
    ['', 'Antes', 'Ahora'],
    rows.map(([name, was, is = '']) => [
      html`${name}<br /><strong>${wordOf(was, is)}</strong>`,
      was ?? '',
      was === undefined || was === is ? is : pieces(differenceOf(was, is).at(0)),
    ]),
  )
}

function wordOf(before: string | undefined, after: string): string {
  if (before === undefined) return 'no se guardó'
  return before === after ? 'igual' : 'cambió'
}

const hour = ({ nominalAt }: Version): string | undefined => nominalAt && longTime(nominalAt)

/** Of a long part without changes, only what is next to one. */
function text(blocks: Block[]): Html {
  return html`<div class="compared">
    ${blocks.map((block, index) =>
      block.isChanged
        ? html`<p>${pieces(block)}</p>`
        : unchanged(block.pieces.map((piece) => piece.text).join(''), {
            isFirst: index === 0,
            isLast: index === blocks.length - 1,
          }),
    )}
  </div>`
}

function unchanged(same: string, { isFirst, isLast }: { isFirst: boolean; isLast: boolean }): Html {
  const lines = same.replace(/\n$/, '').split('\n')
  const head = isFirst ? 0 : context
  const tail = isLast ? 0 : context
  if (lines.length <= head + tail + 2) return html`<p>${lines.join('\n')}</p>`
  const middle = lines.slice(head, lines.length - tail)
  return html`${head > 0 && html`<p>${lines.slice(0, head).join('\n')}</p>`}
    <details>
      <summary>${middle.length} líneas sin cambios</summary>
      <p>${middle.join('\n')}</p>
    </details>
    ${tail > 0 && html`<p>${lines.slice(-tail).join('\n')}</p>`}`
}

const pieces = (block: Block | undefined): Html => html`${(block?.pieces ?? []).map(mark)}`

/** In words too: neither colour nor a line through it says anything to who does not see them. */
function mark({ kind, text: words }: Piece): Html {
  if (kind === 'same') return html`${words}`
  return kind === 'added'
    ? html`<ins><span class="unseen">[agregado:</span>${words}<span class="unseen">]</span></ins>`
    : html`<del><span class="unseen">[quitado:</span>${words}<span class="unseen">]</span></del>`
}
