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

function audienceKey({ lists, countries = [], tags = [] }: AudienceDefinition): string[][] {
  return [lists.toSorted(), countries.toSorted(), tags.toSorted()]
}
