/**
 * The program of the short-lived child that compiles one mail: `{ mjml }` as JSON on stdin, MjmlResult as JSON on
 * stdout. The only importer of mjml, whose import costs half a second and 200 MB that no long-lived process should pay.
 */
import { text } from 'node:stream/consumers'
import mjml2html from 'mjml'
import type { MjmlResult } from './mjml-compile.ts'

const { mjml } = JSON.parse(await text(process.stdin)) as { mjml: string }
process.stdout.write(JSON.stringify(await compile(mjml)))

async function compile(mjml: string): Promise<MjmlResult> {
  try {
    const { html } = await mjml2html(mjml, {
      validationLevel: 'strict',
      keepComments: false,
      // mjml would import web fonts that it knows by name: no mail may ask another host for anything
      fonts: {},
      minify: false,
    })
    return { ok: true, html: compact(html) }
  } catch (error) {
    const errors = (error as { errors?: { line: number; tagName: string; message: string }[] })
      .errors
    if (errors === undefined) throw error
    return {
      ok: false,
      errors: errors.map(({ line, tagName, message }) => ({ line, tagName, message })),
    }
  }
}

/** Without indentation and blank lines, a third of what MJML writes; htmlnano would parse and rewrite staff text. */
function compact(html: string): string {
  return `${html
    .replace(/^[ \t]+|[ \t]+$/gm, '')
    .replace(/\n{2,}/g, '\n')
    .trim()}\n`
}
