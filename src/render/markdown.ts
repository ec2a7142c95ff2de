/**
 * The Markdown that staff may write: paragraphs, negritas, cursivas, lists, and links to https:// or mailto:.
 * Everything else (HTML, images, headings, other links, braces) is printed as it was typed.
 */
import MarkdownIt from 'markdown-it'

type Parser = InstanceType<typeof MarkdownIt>
type Token = ReturnType<Parser['parse']>[number]
type InlineRule = Parameters<Parser['inline']['ruler']['push']>[1]

const subset = new MarkdownIt('zero', { html: false })
subset.enable(['emphasis', 'link', 'list', 'newline'])
subset.validateLink = isAllowedTarget
subset.inline.ruler.before('link', 'literal-image', literalImage())
subset.inline.ruler.before('link', 'literal-refused-link', literalRefusedLink)
// without the title: it is hidden text that mail programs do not show
subset.renderer.rules['link_open'] = (tokens, index) =>
  `<a href="${subset.utils.escapeHtml(targetOf(tokens[index]!))}" style="text-decoration:underline">`

/** Safe by construction: only p, strong, em, ul, ol, li, br and a come out. */
export function markdownToHtml(text: string): string {
  return subset.render(text).trim()
}

/** Plain text with «- » bullets and links as `texto (https://…)`; `linkTargets: false` leaves the texts alone. */
export function markdownToText(text: string, options: { linkTargets?: boolean } = {}): string {
  const blocks: { text: string; inList: boolean }[] = []
  /** The number of the next item of each open list, innermost last; undefined: bullets. */
  const lists: (number | undefined)[] = []
  let marker = ''
  for (const token of subset.parse(text, {})) {
    if (token.type === 'bullet_list_open') lists.push(undefined)
    if (token.type === 'ordered_list_open') lists.push(Number(token.attrGet('start') ?? 1))
    if (token.type === 'bullet_list_close' || token.type === 'ordered_list_close') lists.pop()
    if (token.type === 'list_item_open') {
      const number = lists.pop()
      marker = number === undefined ? '- ' : `${number}. `
      lists.push(number === undefined ? undefined : number + 1)
    }
    if (token.type === 'inline') {
      const inList = lists.length > 0
      const margin = '  '.repeat(Math.max(0, lists.length - 1))
      const hanging = inList ? margin + ' '.repeat(marker.length || 2) : ''
      const lines = inlineText(token.children ?? [], options.linkTargets ?? true).split('\n')
      blocks.push({
        text: (marker === '' ? hanging : margin + marker) + lines.join(`\n${hanging}`),
        inList,
      })
      marker = ''
    }
  }
  return blocks
    .map((block, index) => {
      const previous = blocks[index - 1]
      // items follow each other without blank lines, however loosely they were typed
      return (previous ? (previous.inList && block.inList ? '\n' : '\n\n') : '') + block.text
    })
    .join('')
}

function inlineText(tokens: Token[], linkTargets: boolean): string {
  let text = ''
  let link: { target: string; start: number } | undefined
  for (const token of tokens) {
    if (token.type === 'text') text += token.content
    if (token.type === 'softbreak') text += ' '
    if (token.type === 'hardbreak') text += '\n'
    if (token.type === 'link_open') link = { target: targetOf(token), start: text.length }
    if (token.type === 'link_close' && link) {
      const target = link.target.replace(/^mailto:/i, '')
      const isTarget = subset.normalizeLink(text.slice(link.start)) === target
      if (linkTargets && !isTarget) text += ` (${target})`
      link = undefined
    }
  }
  return text
}

const targetOf = (link: Token): string => String(link.attrGet('href') ?? '')

/** https with a host that has a dot and no user name, or mailto with one address: what a reader can judge by eye. */
function isAllowedTarget(target: string): boolean {
  if (/^mailto:[^\s@?&,;<>"'()]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(target)) return true
  if (!/^https:\/\//i.test(target) || !URL.canParse(target)) return false
  const url = new URL(target)
  return url.hostname.includes('.') && url.username === '' && url.password === ''
}

/** Passes over `![text](target)` as text: the link rule would else turn it into «!» and a link. */
function literalImage(): InlineRule {
  const image = /!\[[^\]]*\](\([^)]*\))?/y
  return (state, silent) => {
    image.lastIndex = state.pos
    const found = image.exec(state.src)?.[0]
    if (found === undefined) return false
    if (!silent) state.pending += found
    state.pos += found.length
    return true
  }
}

/** Passes over the bracket of a link that is refused: for markdown-it `[text]()` is a link all the same, to nowhere. */
function literalRefusedLink(...[state, silent]: Parameters<InlineRule>): boolean {
  if (state.src[state.pos] !== '[') return false
  const labelEnd = state.md.helpers.parseLinkLabel(state, state.pos, true)
  if (labelEnd < 0 || state.src[labelEnd + 1] !== '(') return false
  const targetStart = state.src.slice(labelEnd + 2).search(/\S/)
  if (targetStart < 0) return false
  const start = labelEnd + 2 + targetStart
  const target = state.md.helpers.parseLinkDestination(state.src, start, state.posMax)
  if (target.ok && isAllowedTarget(state.md.normalizeLink(target.str))) return false
  if (!silent) state.pending += '['
  state.pos += 1
  return true
}
