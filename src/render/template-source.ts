/** One template as text and as the tree that Handlebars reads in it, and what can be said of it without filling it. */
import Handlebars from 'handlebars'
import { messageOf, nearest, shown, type Fault } from '../errors.ts'
import { slotNames } from './slots.ts'

export interface ParsedSource {
  name: string
  /** `templates/boletin-electoral.mjml` */
  place: string
  text: string
  program: hbs.AST.Program
}

export function parseSource(
  name: string,
  place: string,
  text: string,
): ParsedSource | { name: string; fault: Fault } {
  try {
    return { name, place, text, program: Handlebars.parse(text, { srcName: place }) }
  } catch (error) {
    return { name, fault: syntaxFault(place, text, messageOf(error)) }
  }
}

// «Parse error on line 2:\n…\nExpecting …, got 'EOF'» of its grammar, «if doesn't match each - 2:4» of its checks
function syntaxFault(place: string, text: string, message: string): Fault {
  const line = Number(
    /^Parse error on line (\d+)/.exec(message)?.[1] ?? / - (\d+):\d+$/.exec(message)?.[1] ?? 1,
  )
  const got = /got '(\w+)'$/.exec(message)?.[1]
  return {
    place: `${place}:${line}`,
    message: `is not valid Handlebars: ${got ? `unexpected ${got}` : message.replace(/ - \d+:\d+$/, '')}`,
    value: shown(text.split('\n')[line - 1]?.trim() ?? ''),
    remedy: 'Close every {{ with }}, and every {{#name}} with {{/name}}',
  }
}

/** Names that nobody knows: functions, partials, recipient slots; and mj-include, which MJML would ignore. */
export function sourceFaults(
  source: ParsedSource,
  known: { functions: string[]; partials: string[] },
): Fault[] {
  const walk = new NameWalk()
  walk.accept(source.program)
  const fault = (line: number, message: string, value: string, remedy: string): Fault => ({
    place: `${source.place}:${line}`,
    message,
    value,
    remedy,
  })
  const unknown = (uses: Use[], names: readonly string[], what: string): Fault[] =>
    uses
      .filter(({ name }) => !names.includes(name))
      .map(({ name, line }) => {
        const guess = nearest(name, names)
        const remedy = guess ? `Did you mean ${guess}?` : `Known: ${names.join(', ') || 'none'}`
        return fault(line, `uses ${what} that does not exist`, name, remedy)
      })
  return [
    ...unknown(walk.calls, known.functions, 'a function'),
    ...unknown(
      walk.partials,
      [...known.partials, ...walk.inlinePartials, '@partial-block'],
      'a partial',
    ),
    ...unknown(walk.slots, slotNames, 'a recipient slot'),
    ...walk.includes.map((line) =>
      fault(
        line,
        'uses mj-include, which MJML ignores',
        '<mj-include>',
        'Use a partial: {{> name}}',
      ),
    ),
  ]
}

/** `file:line` where `name` is looked up. Handlebars tells line and column of a failed lookup at most, never the file. */
export function placeOfLookup(
  sources: ParsedSource[],
  name: string,
  at?: { line: number; column: number },
): string | undefined {
  for (const source of sources) {
    const walk = new NameWalk()
    walk.accept(source.program)
    const path = walk.paths
      .filter(({ parts }) => parts.includes(name))
      .find(({ loc: { start } }) => !at || (start.line === at.line && start.column === at.column))
    if (path) return `${source.place}:${path.loc.start.line}`
  }
  return undefined
}

interface Use {
  name: string
  line: number
}

class NameWalk extends Handlebars.Visitor {
  readonly calls: Use[] = []
  readonly partials: Use[] = []
  readonly inlinePartials: string[] = []
  readonly slots: Use[] = []
  readonly includes: number[] = []
  readonly paths: hbs.AST.PathExpression[] = []

  override MustacheStatement(node: hbs.AST.MustacheStatement): void {
    // without parameters it may be a field, which only the context can tell
    if (node.params.length > 0 || node.hash) this.call(node)
    super.MustacheStatement(node)
  }

  override SubExpression(node: hbs.AST.SubExpression): void {
    this.call(node)
    super.SubExpression(node)
  }

  override BlockStatement(node: hbs.AST.BlockStatement): void {
    this.call(node)
    super.BlockStatement(node)
  }

  override PartialStatement(node: hbs.AST.PartialStatement): void {
    this.partial(node)
    super.PartialStatement(node)
  }

  override PartialBlockStatement(node: hbs.AST.PartialBlockStatement): void {
    this.partial(node)
    super.PartialBlockStatement(node)
  }

  override DecoratorBlock(node: hbs.AST.DecoratorBlock): void {
    const [name] = node.params
    if (name?.type === 'StringLiteral')
      this.inlinePartials.push((name as hbs.AST.StringLiteral).value)
    super.DecoratorBlock(node)
  }

  override ContentStatement(node: hbs.AST.ContentStatement): void {
    node.value.split('\n').forEach((text, index) => {
      if (text.includes('<mj-include')) this.includes.push(node.loc.start.line + index)
    })
  }

  override PathExpression(node: hbs.AST.PathExpression): void {
    this.paths.push(node)
  }

  private call(node: {
    path: hbs.AST.Node
    params: hbs.AST.Expression[]
    loc: hbs.AST.SourceLocation
  }): void {
    const { line } = node.loc.start
    const name = (node.path as hbs.AST.PathExpression).original
    this.calls.push({ name, line })
    if (name !== 'slot') return
    const [slot] = node.params
    this.slots.push({
      name:
        slot?.type === 'StringLiteral' ? (slot as hbs.AST.StringLiteral).value : '(not a literal)',
      line,
    })
  }

  private partial(node: hbs.AST.PartialStatement | hbs.AST.PartialBlockStatement): void {
    const isLiteral = node.name.type === 'PathExpression'
    this.partials.push({
      name: isLiteral ? (node.name as hbs.AST.PathExpression).original : '(not a literal)',
      line: node.loc.start.line,
    })
  }
}
