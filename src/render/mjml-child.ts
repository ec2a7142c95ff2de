/**
 * The program of the child that compiles mails: for each message `{ mjml }` it answers with a MjmlResult. The only
 * importer of mjml, whose import costs half a second and 200 MB that no long-lived process should pay.
 */
import mjml2html from 'mjml'
import type { MjmlResult } from './mjml-compile.ts'

process.on('message', ({ mjml }: { mjml: string }) => {
  // what it throws ends this process, with its reason on stderr
  void compile(mjml).then((result) => process.send!(result))
})

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
