/** When a temporary failure is tried again, and when we give up. */

/** Minutes after the attempt of that number. RFC 5321 §4.5.4.1 asks for 30 minutes and days; internal mail ages faster. */
const waitMinutes = [1, 5, 15, 30, 60, 120, 240, 480]
const attemptsOfRound = waitMinutes.length + 1

/**
 * undefined: that was the last attempt of its round. `attempts`: how many were made. What a person sends again after we
 * gave up begins another round.
 */
export function nextAttemptAt(attempts: number, at: Date): Date | undefined {
  const minutes = waitMinutes[(attempts - 1) % attemptsOfRound]
  return minutes === undefined ? undefined : new Date(at.getTime() + minutes * 60_000)
}
