/** The command line: parses, runs one command, and turns what went wrong into one message and an exit code. */
import { existsSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { addAdoptCommand } from './cli/adopt.ts'
import { addAgendaCommand } from './cli/agenda.ts'
import { addCatalogueCommands } from './cli/catalogues.ts'
import { addContactCommands } from './cli/contacts.ts'
import { addContentCommands } from './cli/content.ts'
import { addDeliveryCommand } from './cli/deliveries.ts'
import { addDemoCommand } from './cli/demo.ts'
import { addEditionCommands } from './cli/editions.ts'
import { addMailingCommands } from './cli/mailings.ts'
import { addPeopleCommands } from './cli/people.ts'
import { addPersonCommands } from './cli/person.ts'
import { addPruneCommand } from './cli/prune.ts'
import { addRegisterCommands } from './cli/register.ts'
import { addRelayLogCommand } from './cli/relay-log.ts'
import { addReportCommands } from './cli/report.ts'
import { addRestDayCommands } from './cli/rest-days.ts'
import { addSenderCommands } from './cli/senders.ts'
import { addSimulateCommand } from './cli/simulate.ts'
import { addSystemCommands } from './cli/system.ts'
import { addTraceCommand } from './cli/trace.ts'
import { exitCodes, messageOf, Problem } from './errors.ts'

const exitCodeHelp = `
Exit codes: ${Object.entries(exitCodes)
  .map(([name, code]) => `${code} ${name}`)
  .join(', ')}.
Results go to stdout, logs and errors to stderr. Hours are of Mexico City.`

export async function main(args: string[]): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env')
  for (const output of [process.stdout, process.stderr]) output.on('error', unlessClosed)
  const program = buildProgram()
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    process.exitCode = report(error)
  }
}

/** Whoever reads us has read enough, as `head` does: what was begun ends all the same, and says it to nobody. */
function unlessClosed(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

export function buildProgram(): Command {
  const program = new Command('pregonero')
    // an option after a command is that command's: `report verify --json` is not of `report`
    .enablePositionalOptions()
    .description(
      "Dispatch worker of the IECM's liaison directorate: prepares, sends and counts its mailings.",
    )
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError('Run the command with --help for its options and examples.')
    .addHelpText('after', exitCodeHelp)
  addSystemCommands(program)
  addAdoptCommand(program)
  addDemoCommand(program)
  addSimulateCommand(program)
  addPeopleCommands(program)
  addContactCommands(program)
  addDeliveryCommand(program)
  addTraceCommand(program)
  addPersonCommands(program)
  addContentCommands(program)
  const edition = addEditionCommands(program)
  addRelayLogCommand(edition)
  addMailingCommands(program, edition)
  addAgendaCommand(program)
  addCatalogueCommands(program)
  addRestDayCommands(program)
  addSenderCommands(program)
  addPruneCommand(program)
  addReportCommands(program)
  addRegisterCommands(program)
  return program
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  if (error instanceof Problem) {
    process.stderr.write(`${error.message}\n`)
    return exitCodes[error.kind]
  }
  if (isOutage(error)) {
    process.stderr.write(`${messageOf(error)}\n`)
    return exitCodes.unavailable
  }
  process.stderr.write(
    `Unexpected fault, please report it:\n${error instanceof Error ? error.stack : String(error)}\n`,
  )
  return exitCodes.bug
}

function isOutage(error: unknown): boolean {
  const { name, code } = error as { name?: string; code?: string }
  return (
    name === 'RelayUnavailable' ||
    code === 'ECONNREFUSED' ||
    code === 'ECONNRESET' ||
    code === '57P01'
  )
}
