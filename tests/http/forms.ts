/** Forms of pages, read as a browser would send them. */

/** The fields of a page's main form: what is after it is another. */
export function formOf(page: string): URLSearchParams {
  const form = new URLSearchParams()
  const [main = ''] = /<form\b[^>]*id="contenido-form"[^]*?<\/form>/.exec(page) ?? [page]
  const decode = (text: string) =>
    text
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&amp;', '&')
  const controls =
    /<input\b([^>]*)>|<textarea\b([^>]*)>\n?([^<]*)<\/textarea>|<select\b([^>]*)>([^]*?)<\/select>/g
  const attribute = (text: string, name: string) =>
    new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1]
  for (const [, input, area, text, choice, options] of main.matchAll(controls)) {
    const attributes = input ?? area ?? choice ?? ''
    const name = attribute(attributes, 'name')
    if (name === undefined) continue
    if (input !== undefined) {
      if (/type="file"/.test(input)) continue
      const isTick = /type="checkbox"/.test(input)
      if (!isTick || /\bchecked\b/.test(input))
        form.append(name, decode(attribute(input, 'value') ?? 'on'))
    } else if (area !== undefined) form.append(name, decode(text ?? ''))
    else {
      const all = [...(options ?? '').matchAll(/<option value="([^"]*)"([^>]*)>/g)]
      const chosen = all.find(([, , rest]) => /\bselected\b/.test(rest!)) ?? all[0]
      if (chosen) form.append(name, decode(chosen[1]!))
    }
  }
  return form
}
