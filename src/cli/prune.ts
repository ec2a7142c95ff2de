/** `pregonero prune`: the detail of editions that ended long ago goes; what they count stays. */
import type { Command } from 'commander'
import { leastMonths, obstacleNames, planPruning, prune, type PruningPlan } from '../flow/prune.ts'
import { titleOf, type Engine } from '../flow/engine.ts'
import type { OldEdition } from '../editions/pruning.ts'
import type { User } from '../people/users.ts'
import {
  answer,
  asOption,
  examples,
  jsonOption,
  shortTime,
  table,
  wholeNumber,
  withUser,
} from './session.ts'

interface PruneOptions {
  olderThan?: number
  dryRun?: boolean
  as: string
  json?: boolean
}

export function addPruneCommand(program: Command): void {
  examples(
    program
      .command('prune')
      .description(
        'remove who received editions that ended long ago, and the SMTP conversations; totals stay',
      )
      .option(
        '--older-than <months>',
        `since they concluded, ${leastMonths} or more; PRUNE_AFTER_MONTHS when not given`,
        wholeNumber('--older-than'),
      )
      .option('--dry-run', 'say what would go, and remove nothing')
      .requiredOption(...asOption)
      .option(...jsonOption)
      .action(async (options: PruneOptions) => {
        await withUser(options.as, async ({ engine }, user) => {
          const months = options.olderThan ?? engine.config.pruneAfterMonths
          await (options.dryRun ? showPlan : doPrune)(engine, user, months, options)
        })
      }),
    'prune --dry-run --as luis',
    'prune --older-than 36 --as luis',
  )
}

async function showPlan(
  engine: Engine,
  user: User,
  months: number,
  { json }: PruneOptions,
): Promise<void> {
  const plan = await planPruning(engine, user, { months })
  answer(json, plan, () => planText(engine, plan))
}

function planText(engine: Engine, { before, prunable, kept, unfinished }: PruningPlan): string {
  const rows = prunable.map((edition) => [
    edition.id,
    titleOf(engine, edition),
    shortTime(edition.since),
    count(edition.deliveries),
    count(edition.attempts),
  ])
  return [
    `Lo que concluyó antes del ${shortTime(before)}. Nada se quitó.`,
    table(['Edición', '', 'Concluyó', 'Entregas', 'Conversaciones'], rows, 'Nada que depurar.'),
    ...keptText(engine, kept),
    ...(unfinished.length === 0
      ? []
      : [`Quedó a medias, y lo termina la siguiente depuración: ${unfinished.join(', ')}.`]),
  ].join('\n')
}

async function doPrune(
  engine: Engine,
  user: User,
  months: number,
  { json }: PruneOptions,
): Promise<void> {
  let removed = 0
  const done = await prune(engine, user, {
    months,
    onRemoved: (editionId, { deliveries }) => {
      removed += deliveries
      process.stderr.write(`edición ${editionId}: ${count(removed)} entregas quitadas\n`)
    },
  })
  answer(json, done, () =>
    [
      `Se depuraron ${done.editions.length} ediciones: ${count(done.deliveries)} entregas y ${count(done.attempts)} conversaciones. Sus totales no cambian.`,
      ...keptText(engine, done.kept),
    ].join('\n'),
  )
}

function keptText(engine: Engine, kept: OldEdition[]): string[] {
  if (kept.length === 0) return []
  const rows = kept.map((edition) => [
    edition.id,
    titleOf(engine, edition),
    edition.quarter,
    edition.obstacle === null ? 'cambió mientras tanto' : obstacleNames[edition.obstacle],
  ])
  return [table(['Edición', 'Conserva su detalle', 'Trimestre', 'Porque'], rows)]
}

const count = (sum: number): string => sum.toLocaleString('es-MX')
