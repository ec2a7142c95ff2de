/** Domains that were probably mistyped. A guess that a person looks at: it never changes or excludes an address. */

/** Those of most people whom the institution writes to, and real ones that are a letter apart from them. */
const common = new Set(
  `gmail.com googlemail.com hotmail.com hotmail.es hotmail.com.mx hotmail.co.uk hotmail.fr outlook.com outlook.es
  outlook.com.mx yahoo.com yahoo.com.mx yahoo.es yahoo.ca yahoo.co.uk ymail.com live.com live.com.mx msn.com icloud.com
  me.com mac.com aol.com gmx.com gmx.de gmx.net web.de mail.com email.com proton.me protonmail.com prodigy.net.mx
  infinitum.com.mx telmex.com iecm.mx iecm.org.mx ine.mx te.gob.mx tecdmx.org.mx cdmx.gob.mx unam.mx comunidad.unam.mx
  ipn.mx tec.mx uam.mx`.split(/\s+/),
)

/** Further than a letter from what was meant. */
const corrections = new Map([
  ['gmail.com.mx', 'gmail.com'],
  ['gmail.mx', 'gmail.com'],
  ['gmail', 'gmail.com'],
  ['hotmail.mx', 'hotmail.com'],
  ['hotmail', 'hotmail.com'],
  ['prodigy.com.mx', 'prodigy.net.mx'],
  ['prodigy.net', 'prodigy.net.mx'],
  ['ine.com.mx', 'ine.mx'],
  ['iecm.com.mx', 'iecm.mx'],
  ['iecm.com', 'iecm.mx'],
])

/** `gmial.com`: `gmail.com`; undefined for what looks right. `domain` in lower case. */
export function likelyDomain(domain: string): string | undefined {
  if (common.has(domain)) return undefined
  if (guesses.has(domain)) return guesses.get(domain)
  const guess = corrections.get(domain) ?? [...common].find((known) => isSlip(domain, known))
  if (guesses.size >= maxRemembered) guesses.clear()
  guesses.set(domain, guess)
  return guess
}

// the addresses of a large file are of few domains
const guesses = new Map<string, string | undefined>()
const maxRemembered = 10_000

/** One slip of the hand, or two in a long name. In a short one only two letters changed over: `ien.mx`. */
function isSlip(domain: string, known: string): boolean {
  if (Math.abs(domain.length - known.length) > 2) return false
  const [name = ''] = known.split('.')
  const distance = slips(domain, known)
  if (name.length < 5)
    return distance === 1 && domain.length === known.length && sameLetters(domain, known)
  return distance <= (name.length >= 7 ? 2 : 1)
}

const sameLetters = (a: string, b: string): boolean => sorted(a) === sorted(b)
const sorted = (word: string): string => word.split('').toSorted().join('')

/** Letters left out, put in, changed, or changed over with the next one: the optimal string alignment distance. */
function slips(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, change)
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, beforeLast[j - 2]! + 1)
      row.push(best)
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}
