/** Makes sure that the programs which judge our mails are here: none of them is skipped when it is missing. */
import { install, isHere } from './debian.ts'

export const chromiumPath = process.env.CHROMIUM || '/usr/bin/chromium'

/** `command`: on PATH or a path. `debian`: the packages that bring it. */
const tools = [
  {
    command: chromiumPath,
    // the font has the widths of Arial, which is what most readers see
    debian: ['chromium', 'fonts-liberation'],
    hint: ', or give the path of one in CHROMIUM',
  },
  { command: 'java', debian: ['default-jre-headless'], hint: '' },
  { command: 'spamassassin', debian: ['spamassassin'], hint: '' },
]

export default function setup(): void {
  const absent = tools.filter(({ command }) => !isHere(command))
  if (absent.length === 0) return
  install(absent.flatMap(({ debian }) => debian))
  const missing = absent.filter(({ command }) => !isHere(command))
  if (missing.length === 0) return
  throw new Error(
    missing
      .map(
        ({ command, debian, hint }) =>
          `${command} is not here: install it (Debian: apt-get install ${debian.join(' ')})${hint}`,
      )
      .join('\n'),
  )
}
