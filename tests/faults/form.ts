/** How long the suite is: FAULTS=short (the default, for CI) or FAULTS=full (by hand). */
export const form = process.env.FAULTS === 'full' ? 'full' : 'short'

const forms = {
  short: { kills: 3, killed: 1_000, processFaults: 500, relayFaults: 300, eachAnswer: false },
  full: { kills: 25, killed: 20_000, processFaults: 2_000, relayFaults: 500, eachAnswer: true },
}

export const sizes = forms[form]

/** Of the workers of the suite. */
export const leaseMs = 3_000
export const concurrency = 5
/** What a relay may take to answer before its connection is given up. */
export const patienceMs = 1_000
/** Calendar minutes pass in a fifth of a second, so that what is deferred is tried again within the run. */
export const clockSpeed = 300
/** Without a lease that has to pass. */
export const recoveryLimitMs = 15_000
/** A job of a killed worker is taken by another after this (lockDuration of src/queue/queue.ts). */
export const jobLeaseMs = 10_000
/** A relay that says 421, or puts off ten in a row, is left alone for so long (src/dispatch/relay-rest.ts). */
export const restMs = 30_000
