/** The script of the panel, under an address that changes with it. */
import { readFileSync } from 'node:fs'
import { sha256Hex } from '../../hash.ts'
import type { PageContext } from '../env.ts'

const text = readFileSync(new URL('browser.js', import.meta.url), 'utf8')

export const scriptPath = `/panel/guion-${sha256Hex(text).slice(0, 12)}.js`

/** Open to anybody: it says nothing of anything. */
export const script = (c: PageContext) =>
  c.body(text, 200, {
    'Content-Type': 'text/javascript; charset=UTF-8',
    'Cache-Control': 'public, max-age=31536000, immutable',
  })
