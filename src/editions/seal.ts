/** What exactly is approved: one hash over content, rendering, sender, audience definition and hour. */
import { sha256Hex } from '../hash.ts'
import type { Attachment } from '../mail.ts'
import type { AudienceDefinition } from '../publication.ts'

export interface SealedParts {
  contentSha256: string
  subject: string
  html: string
  plainText: string
  attachments: Attachment[]
  senderFrom: string
  audience: AudienceDefinition
  nominalAt: Date
}

/** Hex SHA-256. Any part that changes gives another hash, and voids whoever approved the old one. */
export function sealOf(parts: SealedParts): string {
  const ordered = [
    parts.contentSha256,
    parts.subject,
    parts.html,
    parts.plainText,
    parts.attachments.map((one) => [
      one.filename,
      one.contentType,
      one.contentId ?? null,
      sha256Hex(one.content),
    ]),
    parts.senderFrom,
    audienceKey(parts.audience),
    parts.nominalAt.toISOString(),
  ]
  return sha256Hex(JSON.stringify(ordered))
}

/** Lists alone are sealed as they were before there were segments: what was approved then stays so. */
function audienceKey({ lists, countries = [], tags = [] }: AudienceDefinition): unknown[] {
  const isWhole = countries.length === 0 && tags.length === 0
  return isWhole ? lists.toSorted() : [lists.toSorted(), countries.toSorted(), tags.toSorted()]
}
