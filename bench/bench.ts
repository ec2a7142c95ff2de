/** `npm run bench -- NAME …`: the benchmarks that compare us with others in one run. */
const benches: Record<string, () => Promise<unknown>> = {
  dispatch: () => import('./dispatch.ts'),
  ledger: () => import('./ledger.ts'),
}

const [name = ''] = process.argv.splice(2, 1)
const bench = benches[name]
if (bench) await bench()
else {
  process.stderr.write(`Give one of: ${Object.keys(benches).join(', ')}\n`)
  process.exitCode = 2
}
