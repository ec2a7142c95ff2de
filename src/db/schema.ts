// Written by `npm run schema` from the migrations. Do not edit.
import type { ColumnType, Generated } from 'kysely'
import type { Environment } from '../config.ts'
import type { DeliveryState, EditionState, Outcome, Phase, SuppressionReason } from '../states.ts'

// written as JSON text, read as what it holds
type Json = ColumnType<object, string, string>
type NullableJson = ColumnType<object | null, string | null | undefined, string | null>
type DefaultedJson = ColumnType<object, string | undefined, string>

export interface AttemptTable {
  id: Generated<number>
  deliveryId: number
  editionId: number
  at: Date
  durationMs: number | null
  outcome: Outcome
  phase: Phase
  smtpCode: number | null
  smtpText: string | null
  relay: string
  messageId: string
  workerId: string
}

export interface AuditLogTable {
  id: Generated<number>
  at: Date
  userId: number | null
  act: string
  subject: string
  detail: DefaultedJson
}

export interface ConnectionSlotTable {
  sender: string
  slot: number
  workerId: string | null
}

export interface ContactTable {
  id: Generated<number>
  address: string
  name: Generated<string>
  isGroup: Generated<boolean>
  createdAt: Date
  country: string | null
  tags: Generated<string[]>
  blockedAt: Date | null
  eraseAfter: Date | null
  importId: number | null
}

export interface ContactImportTable {
  id: Generated<number>
  state: Generated<string>
  fileName: string
  listId: number | null
  origin: string
  consentedOn: string | null
  evidence: Generated<string>
  noticeVersion: Generated<string>
  columns: DefaultedJson
  summary: DefaultedJson
  userId: number
  createdAt: Date
  confirmedAt: Date | null
  undoneAt: Date | null
}

export interface ContactImportReviewTable {
  importId: number
  weighedAt: Date
  outcomeHash: string
  remarks: Json
}

export interface ContactImportRowTable {
  importId: number
  rowNumber: number
  address: string | null
  addressHashes: Generated<Buffer[]>
  name: Generated<string>
  country: string | null
  tags: Generated<string[]>
  isGroup: Generated<boolean>
  lists: Generated<string[]>
  faults: DefaultedJson
}

export interface ContentTable {
  id: Generated<number>
  publication: string
  body: Json
  sha256: string
  isSample: boolean
  authorId: number
  createdAt: Date
  writers: Generated<number[]>
}

export interface DeliveryTable {
  id: Generated<number>
  editionId: number
  batch: number
  contactId: number | null
  address: string
  name: Generated<string>
  isGroup: Generated<boolean>
  state: Generated<DeliveryState>
  reason: string | null
  workerId: string | null
  attempts: Generated<number>
  nextAttemptAt: Date | null
  updatedAt: Date
  trouble: string | null
}

export interface DraftTable {
  id: Generated<number>
  publication: string
  editionId: number | null
  userId: number
  replaces: number | null
  body: Json
  version: Generated<number>
  createdAt: Date
  updatedAt: Date
  writers: Generated<number[]>
}

export interface DraftFileTable {
  draftId: number
  name: string
  bytes: Buffer
}

export interface EditionTable {
  id: Generated<number>
  publication: string
  period: string
  revision: Generated<number>
  nominalAt: Date
  latestStartAt: Date
  state: Generated<EditionState>
  stateReason: string | null
  issueYear: number | null
  issueNumber: number | null
  contentId: number | null
  contentAuthorId: number | null
  sealedHash: string | null
  expectedRecipients: number | null
  readyBy: number | null
  readyAt: Date | null
  approvedBy: number | null
  approvedAt: Date | null
  releasedAt: Date | null
  firstAcceptedAt: Date | null
  closedAt: Date | null
  createdAt: Date
  slotAt: Date | null
  movedReason: string | null
  audience: NullableJson
  leftOut: number | null
  contentWriters: Generated<number[]>
  seenEnded: Generated<number>
  seenFailures: Generated<number>
  prunedAt: Date | null
  draftWriters: Generated<number[]>
}

export interface EditionReportLineTable {
  editionId: number
  tableId: string
  grouping: string
  lineText: string
  topic: string | null
}

export interface EditionTallyTable {
  editionId: number
  state: DeliveryState
  reason: string
  batch: number
  deliveries: number
}

export interface FormerAddressTable {
  address: string
  contactId: number
  until: Date
}

export interface InstanceTable {
  singleton: Generated<boolean>
  id: Generated<string>
  environment: Environment
  stampedAt: Generated<Date>
  homeSystem: string | null
  homeTimeline: string | null
  homeDatabase: string | null
  homeTable: string | null
  homeHost: string | null
  adoptedAt: Date | null
}

export interface IssueStartTable {
  publication: string
  issueYear: number
  lastNumber: number
}

export interface ListTable {
  id: Generated<number>
  slug: string
  name: string
  kind: string
  createdAt: Date
  description: Generated<string>
  sender: Generated<string>
  isOpen: Generated<boolean>
}

export interface ListMemberTable {
  listId: number
  contactId: number
  state: Generated<string>
  origin: string
  since: Date
  consentedOn: string | null
  evidence: Generated<string>
  noticeVersion: Generated<string>
  leftAt: Date | null
  leftReason: string | null
  importId: number | null
}

export interface ListTallyTable {
  listId: number
  state: string
  shard: number
  members: number
}

export interface MembershipEventTable {
  id: Generated<number>
  contactId: number
  listId: number
  at: Date
  act: string
  origin: string
  noticeVersion: Generated<string>
  userId: number | null
}

export interface NoticeTable {
  id: Generated<number>
  kind: string
  editionId: number | null
  occasion: string
  address: string
  subject: string
  plainText: string
  state: Generated<string>
  attempts: Generated<number>
  reason: string | null
  createdAt: Date
  updatedAt: Date
  sender: Generated<string>
  forStaff: Generated<boolean>
}

export interface PersonAccessTable {
  id: Generated<number>
  at: Date
  userId: number
  contactId: number | null
  act: string
}

export interface PlannerHorizonTable {
  publication: string
  plannedUntil: Date
}

export interface RegisterRowTable {
  id: Generated<number>
  tableId: string
  quarter: string
  position: number | null
  dates: Generated<string[]>
  precision: Generated<string>
  lineText: string
  fields: DefaultedJson
  mark: Generated<string>
  note: string | null
  topic: string | null
  publication: string | null
  channel: string | null
  evidence: string | null
  printedDate: string | null
  sourceKey: string | null
  authorId: number
  createdAt: Date
  updatedAt: Date
  editedAt: Date | null
}

export interface RelayRestTable {
  relay: string
  until: Date
  times: number
  reason: string
  at: Date
}

export interface RenderingTable {
  editionId: number
  sealedHash: string
  subject: string
  html: string
  plainText: string
  createdAt: Date
}

export interface RenderingAttachmentTable {
  editionId: number
  sealedHash: string
  position: number
  filename: string
  contentType: string
  sha256: string
  contentId: string | null
}

export interface ReportFigureTable {
  quarter: string
  key: string
  value: number
  authorId: number
  updatedAt: Date
}

export interface RestPeriodTable {
  id: Generated<number>
  startDate: string
  endDate: string
  name: string
  kind: string
  basis: string | null
  status: Generated<string>
}

export interface SealedReportTable {
  quarter: string
  version: number
  sha256: string
  body: Json
  reason: string | null
  userId: number
  at: Date
}

export interface SenderPaceTable {
  sender: string
  messagesPerSecond: number | null
  connections: number | null
  nextFreeAt: Generated<Date>
}

export interface SesionIneTable {
  id: string
  fecha: string
  body: Json
  secuencia: Generated<number>
  updatedAt: Date
}

export interface SesionIneChangeTable {
  sesionId: string
  secuencia: number
  body: Json
  userId: number
  at: Date
}

export interface StaffSessionTable {
  tokenSha256: string
  userId: number
  createdAt: Date
  seenAt: Date
}

export interface StaffUserTable {
  id: Generated<number>
  login: string
  name: string
  email: string
  roles: string[]
  active: Generated<boolean>
  createdAt: Date
  passwordHash: string | null
  passwordSetAt: Date | null
  failedSignIns: Generated<number>
  lockedUntil: Date | null
}

export interface StoredFileTable {
  sha256: string
  contentType: string
  bytes: Buffer
  createdAt: Date
}

export interface SubscriptionRequestTable {
  id: Generated<number>
  address: string
  name: Generated<string>
  country: string | null
  lists: string[]
  noticeVersion: string
  createdAt: Date
  expiresAt: Date
  confirmedAt: Date | null
}

export interface SuppressionTable {
  id: Generated<number>
  addressHash: Buffer
  keyId: string
  address: string | null
  scope: string
  listId: number | null
  reason: SuppressionReason
  note: Generated<string>
  userId: number | null
  at: Date
}

export interface TestSendTable {
  id: Generated<number>
  editionId: number
  userId: number
  at: Date
  outcome: string
  smtpText: string | null
}

export interface TopicTable {
  key: string
  name: string
  createdAt: Date
}

export interface WorkerTable {
  id: string
  host: string
  pid: number
  startedAt: Generated<Date>
  leaseUntil: Date
}

export interface DB {
  attempt: AttemptTable
  auditLog: AuditLogTable
  connectionSlot: ConnectionSlotTable
  contact: ContactTable
  contactImport: ContactImportTable
  contactImportReview: ContactImportReviewTable
  contactImportRow: ContactImportRowTable
  content: ContentTable
  delivery: DeliveryTable
  draft: DraftTable
  draftFile: DraftFileTable
  edition: EditionTable
  editionReportLine: EditionReportLineTable
  editionTally: EditionTallyTable
  formerAddress: FormerAddressTable
  instance: InstanceTable
  issueStart: IssueStartTable
  list: ListTable
  listMember: ListMemberTable
  listTally: ListTallyTable
  membershipEvent: MembershipEventTable
  notice: NoticeTable
  personAccess: PersonAccessTable
  plannerHorizon: PlannerHorizonTable
  registerRow: RegisterRowTable
  relayRest: RelayRestTable
  rendering: RenderingTable
  renderingAttachment: RenderingAttachmentTable
  reportFigure: ReportFigureTable
  restPeriod: RestPeriodTable
  sealedReport: SealedReportTable
  senderPace: SenderPaceTable
  sesionIne: SesionIneTable
  sesionIneChange: SesionIneChangeTable
  staffSession: StaffSessionTable
  staffUser: StaffUserTable
  storedFile: StoredFileTable
  subscriptionRequest: SubscriptionRequestTable
  suppression: SuppressionTable
  testSend: TestSendTable
  topic: TopicTable
  worker: WorkerTable
}
