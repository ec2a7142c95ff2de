/**
 * The institution's own accounts (OpenID Connect): authorization code with PKCE, state and nonce. All that an attempt needs
 * is in the cookie of its browser: any server finishes it, and one that was started again too.
 */
import { randomBytes } from 'node:crypto'
import type { Configuration, IDToken, UserInfoResponse } from 'openid-client'
import type { Config } from '../config.ts'
import { sha256Hex } from '../hash.ts'
import { readToken, signToken, type Keys } from '../keys.ts'
import { normalizeAddress } from '../mail.ts'

export const attemptMinutes = 10
const timeoutSeconds = 5

/** The secret of one attempt, and the page (`/…`) that it leads to. */
export function newAttempt(keys: Keys, back: string, at: Date): string {
  const seconds = Math.floor(at.getTime() / 1000) + attemptMinutes * 60
  const random = () => randomBytes(6).readUIntBE(0, 6)
  return signToken(keys, 'attempt', [seconds, random(), random()]) + back
}

/** The page that it leads to; undefined when it is late, or is none. */
export function backOfAttempt(keys: Keys, attempt: string, at: Date): string | undefined {
  const slash = attempt.indexOf('/')
  const [seconds] = readToken(keys, 'attempt', attempt.slice(0, slash)) ?? []
  if (seconds === undefined || seconds * 1000 <= at.getTime()) return undefined
  return attempt.slice(slash)
}

/** None leads to another, nor to the attempt: the provider and the address bar see them. */
const secretsOf = (attempt: string) => ({
  state: sha256Hex(`state ${attempt}`),
  nonce: sha256Hex(`nonce ${attempt}`),
  verifier: sha256Hex(`verifier ${attempt}`),
})

export interface OidcProvider {
  /** Where the person says who they are. Throws what `failureOf` reads. */
  signInUrl(attempt: string, redirectUri: string): Promise<URL>
  /** `answer`: redirect URI and query. undefined: the provider vouches for no address. Throws what `failureOf` reads. */
  addressOf(attempt: string, answer: URL): Promise<string | undefined>
}

/** Asks the provider nothing until somebody signs in; one that did not answer is asked again by the next. */
export function oidcProvider(settings: NonNullable<Config['oidc']>): OidcProvider {
  const { issuer, clientId, clientSecret } = settings
  let discovered: Promise<Configuration> | undefined
  const discover = async () => {
    // only where it is configured, and not before it serves
    const client = await import('openid-client')
    const isInsecure = new URL(issuer).protocol === 'http:'
    return client.discovery(new URL(issuer), clientId, clientSecret, undefined, {
      timeout: timeoutSeconds,
      execute: [
        client.enableNonRepudiationChecks,
        ...(isInsecure ? [client.allowInsecureRequests] : []),
      ],
    })
  }
  const forget = (error: unknown) => {
    discovered = undefined
    throw error
  }
  const configuration = () => (discovered ??= discover().catch(forget))
  return {
    signInUrl: async (attempt, redirectUri) => {
      const config = await configuration()
      const { buildAuthorizationUrl, calculatePKCECodeChallenge } = await import('openid-client')
      const { state, nonce, verifier } = secretsOf(attempt)
      return buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: 'openid email',
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      })
    },
    addressOf: async (attempt, answer) => {
      const { state, nonce, verifier } = secretsOf(attempt)
      const config = await configuration()
      const { authorizationCodeGrant, fetchUserInfo } = await import('openid-client')
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier }
      // its addresses or keys may be others by now
      const tokens = await authorizationCodeGrant(config, answer, checks).catch(forget)
      const claims = tokens.claims()!
      const address = verifiedAddress(claims)
      if (address !== undefined || !config.serverMetadata().userinfo_endpoint) return address
      return verifiedAddress(await fetchUserInfo(config, tokens.access_token, claims.sub))
    },
  }
}

/** `xms_edov`: what Entra ID has instead of `email_verified`, in several spellings; never against it. */
function verifiedAddress(claims: IDToken | UserInfoResponse): string | undefined {
  const { email, email_verified: isVerified, xms_edov: isOfDomain } = claims
  const isEntra = isVerified === undefined && [true, 1, '1', 'true'].includes(isOfDomain as string)
  if (isVerified !== true && !isEntra) return undefined
  const normal = normalizeAddress(typeof email === 'string' ? email : '')
  return 'address' in normal ? normal.address : undefined
}

/** `spent`: used, late, or of another attempt. `denied`: by the person or the provider. */
export type OidcFailure = 'spent' | 'denied' | 'unavailable'

/** What of an answer says that it is not of this attempt: its code; its nonce; its state or issuer. */
const ofOtherAttempt = [
  'invalid_grant',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_INVALID_RESPONSE',
]

/** `detail`: for the log, codes alone: errors of openid-client carry the query, the code and the body of answers. */
export function failureOf(thrown: unknown): { failure: OidcFailure; detail: object } {
  const { name, message, code, error, cause } = thrown as Record<string, unknown>
  const codes = [error, code, (cause as { code?: unknown } | undefined)?.code].filter(
    (one): one is string => typeof one === 'string' && /^\w{1,60}$/.test(one),
  )
  const isOther = codes.some((one) => ofOtherAttempt.includes(one))
  const failure = isOther ? 'spent' : codes.includes('access_denied') ? 'denied' : 'unavailable'
  return { failure, detail: { name, message, codes } }
}
