/** Faults are written for whoever has a terminal; in a browser they say what can be done there. */
import type { Fault, ProblemKind } from '../../errors.ts'

const isCommand = /`pregonero|(?:^|\s)--[a-z]/

/** A remedy that can be followed without a command. */
export function remedyInBrowser(remedy: string, kind: ProblemKind): string {
  if (!isCommand.test(remedy)) return remedy
  return kind === 'notFound' ? 'Búsquela en la agenda' : 'Pídalo a quien administra el sistema'
}

/** `edición 12: está cancelada (…)` */
export function whatIn({ place, message, value }: Fault): string {
  const where = place.startsWith('--') ? '' : `${place}: `
  return `${where}${message}${value === undefined ? '' : ` (${value})`}.`
}
