/** What a request carries besides itself. */
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { HtmlEscapedString } from 'hono/utils/html'

export interface PageEnv {
  Bindings: HttpBindings
  Variables: {
    /** Of the one `<style>` of the page. */
    secureHeadersNonce?: string
    /** From one page to another: PUBLIC_URL may have a path of its own. */
    link: (path: string) => string
  }
}

export type PageContext = Context<PageEnv>

/** What `html` makes. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>
