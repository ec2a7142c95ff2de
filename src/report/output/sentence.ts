/** The little that the sentences of a report mark: **negritas**, *cursivas*, and «✓ » or «- » at their beginning. */
import MarkdownIt from 'markdown-it'

export interface Sentence {
  /** 0: a paragraph; 1: «✓ », an item; 2: «- », an item of an item. */
  listLevel: 0 | 1 | 2
  spans: Span[]
}

export interface Span {
  text: string
  bold: boolean
  italic: boolean
}

const emphasis = new MarkdownIt('zero').enable('emphasis')

export function readSentence(text: string): Sentence {
  const [, mark = '', rest = ''] = /^(✓ |- )?(.*)$/s.exec(text.trim())!
  return { listLevel: mark === '' ? 0 : mark === '✓ ' ? 1 : 2, spans: spansOf(rest) }
}

function spansOf(text: string): Span[] {
  const open = { bold: 0, italic: 0 }
  return (emphasis.parseInline(text, {})[0]?.children ?? []).flatMap(
    ({ type, content, markup }) => {
      const kind = type.startsWith('strong_')
        ? 'bold'
        : type.startsWith('em_')
          ? 'italic'
          : undefined
      // an underscore is part of a name: only asterisks are marks
      if (kind && markup.startsWith('*')) {
        open[kind] += type.endsWith('_open') ? 1 : -1
        return []
      }
      const printed = kind ? markup : content
      return printed === '' ? [] : [{ text: printed, bold: open.bold > 0, italic: open.italic > 0 }]
    },
  )
}

/** Without its marks. */
export const plainSentence = (text: string): string =>
  readSentence(text)
    .spans.map((span) => span.text)
    .join('')
