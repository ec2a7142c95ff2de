/** What exactly is approved: one hash over content, rendering, sender, audience definition and hour. */
import { createHash } from 'node:crypto'
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
      Buffer.from(one.content).toString('base64'),
    ]),
    parts.senderFrom,
    parts.audience.lists.toSorted(),
    parts.nominalAt.toISOString(),
  ]
  return createHash('sha256').update(JSON.stringify(ordered)).digest('hex')
}
