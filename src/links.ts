/**
 * Addresses of the public pages, for mails and for the server: they must stay, mails are kept for years. Their types are
 * literal, so that the server's `:token` is known for what it is.
 */

export const paths = {
  leave: <Token extends string>(token: Token) => `/baja/${token}` as const,
  confirm: <Token extends string>(token: Token) => `/confirmar/${token}` as const,
  subscriptions: '/suscripciones',
  ownSubscriptions: <Token extends string>(token: Token) => `/suscripciones/${token}` as const,
  privacy: '/privacidad',
  archive: '/archivo',
  publication: <Slug extends string>(slug: Slug) => `/archivo/${slug}` as const,
  feed: <Slug extends string>(slug: Slug) => `/archivo/${slug}/rss.xml` as const,
  edition: ({ publication, period, revision }: EditionName) =>
    `/archivo/${publication}/${period}${revision === 0 ? '' : `/alcance-${revision}`}`,
}

interface EditionName {
  publication: string
  period: string
  revision: number
}

/** `publicUrl` may have a path of its own. */
export function linkTo(publicUrl: string, path: string): string {
  return `${publicUrl.replace(/\/$/, '')}${path}`
}

/** From one of our pages to another, whatever the name under which readers reached it. */
export function linkWithin(publicUrl: string, path: string): string {
  return linkTo(new URL(publicUrl).pathname, path)
}
