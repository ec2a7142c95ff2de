/** What staff paste, made fit to be sent: invisible characters go, and those that would mangle a mail are refused by name. */
import { z } from 'zod'

/** Without what comes along with pasted text, shows nothing and means nothing: soft hyphens, zero-width spaces, byte order marks. */
export function withoutInvisible(text: string): string {
  const needsMarks = rightToLeft.test(text)
  return text.replace(invisible, (found, joint: string | undefined) =>
    joint !== undefined || (needsMarks && directionMark.test(found)) ? found : '',
  )
}

// scripts in which a joiner makes other words: Arabic, Persian, Hindi and the like
const joined = String.raw`[\p{sc=Arab}\p{sc=Syrc}\p{sc=Mong}\p{sc=Deva}\p{sc=Beng}\p{sc=Guru}\p{sc=Gujr}\p{sc=Orya}\p{sc=Taml}\p{sc=Telu}\p{sc=Knda}\p{sc=Mlym}\p{sc=Sinh}]`
const joints = [
  // in the middle of an emoji: 👩‍💻
  String.raw`(?<=[\p{ExtPict}\p{EMod}\ufe0f])\u200d(?=\p{ExtPict})`,
  // the name of a country in the flags of England, Scotland and Wales
  String.raw`(?<=\u{1f3f4})[\u{e0020}-\u{e007e}]+\u{e007f}`,
  // the shape of the character before: ❤️
  String.raw`(?<=[\p{L}\p{N}\p{P}\p{S}])\p{VS}`,
  `(?<=${joined})[\\u200c\\u200d](?=${joined})`,
]
const turns = String.raw`[\u202a-\u202e\u2066-\u2069]`
const invisible = new RegExp(String.raw`(${joints.join('|')})|[\p{DI}--${turns}]`, 'gv')
const directionMark = /[\u061c\u200e\u200f]/
const rightToLeft = /[\p{sc=Arab}\p{sc=Hebr}\p{sc=Syrc}\p{sc=Thaa}]/v

/**
 * Refuses what would reach readers mangled or turned around: control characters but for tab and line ends, controls of
 * direction, the private use area, where recipient slots live, and what is left of text that was not UTF-8.
 */
export function sendable(): z.core.$ZodCheck<string> {
  return z.refine<string>((text) => !unsendable.test(text), {
    error: ({ input }) => unsendableIn(input as string),
    params: { remedy: 'Bórrelo y escriba de nuevo lo que está junto a él' },
  })
}

const unsendable = new RegExp(
  String.raw`[\p{Cc}--[\t\n\r]]|${turns}|[\p{Co}\p{Cs}\ufff9-\uffff]`,
  'v',
)

/** Names the first of them, with the words around it. */
function unsendableIn(text: string): string {
  const { index, 0: character } = unsendable.exec(text)!
  const kind = unsendableKinds.find(([pattern]) => pattern.test(character))![1]
  const before = Array.from(text.slice(0, index)).slice(-20)
  const after = Array.from(text.slice(index + character.length)).slice(0, 20)
  const around = [...before, character, ...after].map((one) =>
    unsendable.test(one) ? `⟨${codeOf(one)}⟩` : one,
  )
  return `contiene un carácter ${kind}, ${codeOf(character)}: «${around.join('').replace(/\s+/g, ' ')}»`
}

const unsendableKinds: [RegExp, string][] = [
  [new RegExp(turns), 'que cambia la dirección del texto'],
  [/\p{Cc}/u, 'de control'],
  [/[\p{Cs}\ufffd]/u, 'de un archivo que no está en UTF-8'],
  [/[^]/, 'que no es texto'],
]

const codeOf = (character: string): string =>
  `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
