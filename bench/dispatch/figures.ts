/** What processes have used, from /proc: CPU to the hundredth of a second, and the most memory they held. */
import { readFile } from 'node:fs/promises'

const tickMs = 10

/** User and system time of a process, in milliseconds. `reaped`: with that of the children that it has waited for. */
export async function cpuMsOf(pid: number, { reaped = false } = {}): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // the name, in brackets, may hold spaces; what follows begins with field 3
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const [user, system, childUser, childSystem] = fields.slice(11, 15)
  return (user! + system! + (reaped ? childUser! + childSystem! : 0)) * tickMs
}

/** A server that forks, as PostgreSQL does: those that ended count in what it has reaped. */
export async function cpuMsOfFamily(pid: number): Promise<number> {
  const listed = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  const children = listed.trim().split(' ').filter(Boolean).map(Number)
  const own = await cpuMsOf(pid, { reaped: true })
  // one that ends meanwhile is counted the next time
  const theirs = await Promise.all(children.map((child) => cpuMsOf(child).catch(() => 0)))
  return own + theirs.reduce((sum, ms) => sum + ms, 0)
}

export async function peakMbOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) / 1024
}

export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}
