/** The layout that every page shares: masthead, one h1, footer. No script, no image, no font from anywhere else. */
import { html } from 'hono/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { paths } from '../links.ts'
import type { Html, PageContext } from './env.ts'
import { styleSheet } from './style.ts'

export interface Page {
  /** Its h1, and its title before the name of the institution. */
  title: string
  status?: ContentfulStatusCode
  /** A feed that readers' programs may find from here. */
  feed?: { title: string; path: string }
  /** A form came back with errors. */
  hasErrors?: boolean
  /** What the panel has instead of the links of the public pages. */
  chrome?: { head: Html; bar: Html; footer: Html }
}

export function showPage(c: PageContext, page: Page, content: Html): Response | Promise<Response> {
  const { title, status = 200, hasErrors = false } = page
  // a page is of its moment: what it says of a list or a link may not hold later
  c.header('Cache-Control', 'no-store')
  return c.html(
    html`<!doctype html>
      <html lang="es-MX">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="theme-color" content="#32215c" />
          <meta name="format-detection" content="telephone=no" />
          <title>${hasErrors && 'Error: '}${title} · IECM</title>
          ${page.feed && feedLink(c, page.feed)} ${styleSheet(c.var.secureHeadersNonce ?? '')}
          ${page.chrome?.head}
        </head>
        <body>
          <a class="skip" href="#contenido">Saltar al contenido</a>
          <header class="masthead">
            <div class="column">
              <p class="brand">
                <span class="letters" aria-hidden="true">IECM</span>
                <span class="institution">Instituto Electoral<br />de la Ciudad de México</span>
              </p>
            </div>
          </header>
          ${page.chrome?.bar}
          <main id="contenido" class="sheet column" tabindex="-1">
            <h1>${title}</h1>
            ${content}
          </main>
          ${page.chrome?.footer ?? footer(c)}
        </body>
      </html>`,
    status,
  )
}

const feedLink = (c: PageContext, { title, path }: { title: string; path: string }) =>
  html`<link
    rel="alternate"
    type="application/rss+xml"
    title="${title}"
    href="${c.var.link(path)}"
  />`

const footer = (c: PageContext) =>
  html`<footer class="footer">
    <div class="column">
      <nav aria-label="Páginas de este sitio">
        <ul>
          <li><a href="${c.var.link(paths.subscriptions)}">Suscripciones</a></li>
          <li><a href="${c.var.link(paths.archive)}">Archivo</a></li>
          <li><a href="${c.var.link(paths.privacy)}">Aviso de privacidad</a></li>
        </ul>
      </nav>
      <p>
        Dirección de Vinculación con Organismos Externos<br />Instituto Electoral de la Ciudad de
        México
      </p>
      <p>${c.req.path.startsWith('/panel') ? staffCookies : noCookies}</p>
    </div>
  </footer>`

const noCookies = 'Estas páginas no usan cookies ni herramientas de seguimiento.'
const staffCookies =
  'El acceso del personal usa sólo las cookies de su sesión, y ninguna herramienta de seguimiento.'

/** Names and values, one under the other. */
export const facts = (values: Record<string, Html | string>): Html =>
  html`<dl class="facts">
    ${Object.entries(values).map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`
