/** The tagged template of HTML and SVG: values are escaped, markup within markup is not. */
import { html } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'

export type Markup = HtmlEscapedString

/** Unlike hono's own, never a promise: no value of ours is one. */
export const markup = (strings: TemplateStringsArray, ...values: unknown[]): Markup =>
  html(strings, ...values) as Markup
