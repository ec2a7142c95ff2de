/**
 * The places of a finished mail that differ from one recipient to the next. Templates mark them with
 * `{{slot "saludo"}}`; the rendering that is frozen and hashed keeps them open, as tokens.
 */

/** `baja`: where this recipient leaves the lists that brought the mail. */
export const slotNames = ['saludo', 'nombre', 'baja'] as const
export type SlotName = (typeof slotNames)[number]

// content validation refuses the private use area, so staff text can never spell a token; MJML leaves it intact
const opening = '\ue000'
const closing = '\ue001'

export function slotToken(name: SlotName): string {
  return `${opening}${name}${closing}`
}

/** The text between its slots, and the slots. Throws on a token of an unknown slot or one without its end. */
export function segmentsOf(text: string): (string | { slot: SlotName })[] {
  const [start = '', ...rest] = text.split(opening)
  const segments = rest.flatMap((piece) => {
    const end = piece.indexOf(closing)
    const slot = piece.slice(0, Math.max(end, 0))
    if (!isSlotName(slot)) {
      throw new Error(
        `Not a recipient slot: «${slot || piece.slice(0, 20)}»; use ${slotNames.join(', ')}`,
      )
    }
    return [{ slot }, piece.slice(end + 1)]
  })
  return [start, ...segments]
}

/**
 * Splits once, fills many. `escape`: how a value enters the text. Values enter as they are, never read again: a name
 * that spells a token or `$&` is printed.
 */
export function compileSlots(
  text: string,
  escape: (value: string) => string,
): (values: Record<SlotName, string>) => string {
  const segments = segmentsOf(text)
  return (values) =>
    segments.map((one) => (typeof one === 'string' ? one : escape(values[one.slot]))).join('')
}

export function isSlotName(name: string): name is SlotName {
  return (slotNames as readonly string[]).includes(name)
}

/** For element content and for attributes in either kind of quotes. */
export const escapeHtml = (value: string): string =>
  value.replace(/[&<>"']/g, (character) => entities[character]!)

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export const asIs = (value: string): string => value

/** Both parts of a rendering as one reader gets them. */
export function fillSlots(
  { html, plainText }: { html: string; plainText: string },
  values: Record<SlotName, string>,
): { html: string; plainText: string } {
  return {
    html: compileSlots(html, escapeHtml)(values),
    plainText: compileSlots(plainText, asIs)(values),
  }
}

/** Whether a rendering says how to leave, in both of its parts. */
export function offersLeaving({ html, plainText }: { html: string; plainText: string }): boolean {
  return [html, plainText].every((text) => text.includes(slotToken('baja')))
}

/** «Buen día, Ana Pérez:» or «Buen día:» when the name is empty. `leaveUrl`: of this recipient, or a page for anybody. */
export function slotValues(recipient: {
  name: string
  leaveUrl: string
}): Record<SlotName, string> {
  const nombre = recipient.name.replace(unprintable, ' ').replace(/\s+/g, ' ').trim()
  const saludo = nombre === '' ? 'Buen día:' : `Buen día, ${nombre}:`
  return { nombre, saludo, baja: recipient.leaveUrl }
}

// control characters, and those that turn the direction of the text after the name
const unprintable = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu
