import { expect, test } from 'vitest'
import { verdictOf } from './verdict.ts'
import type { DeliveryRow } from './dispatch.ts'

const row = (id: number, state: DeliveryRow['state']): DeliveryRow => ({
  id,
  editionId: 7,
  address: `${id}@faults.example`,
  state,
})
const taken = (...ids: [id: number, times: number][]) =>
  new Map(ids.map(([id, times]) => [`<7.${id}.0123abcd@iecm.mx>`, times]))

test('who was accepted and not received is lost, and so is who is in no final state', () => {
  const rows = [row(1, 'accepted'), row(2, 'accepted'), row(3, 'deferred'), row(4, 'sending')]
  expect(verdictOf(rows, taken([1, 1]))).toMatchObject({
    recipients: 4,
    received: 1,
    lost: ['2@faults.example', '3@faults.example', '4@faults.example'],
  })
})

test('who received a message twice is doubled, whatever the ledger says', () => {
  const rows = [row(1, 'accepted'), row(2, 'unknown')]
  expect(verdictOf(rows, taken([1, 2], [2, 2])).doubled).toEqual([
    '1@faults.example',
    '2@faults.example',
  ])
})

test('who received a message that the ledger calls refused is unrecorded; unknown is not', () => {
  const rows = [row(1, 'rejected'), row(2, 'failed'), row(3, 'unknown')]
  expect(verdictOf(rows, taken([1, 1], [3, 1]))).toMatchObject({
    unrecorded: ['1@faults.example'],
    refused: ['1@faults.example', '2@faults.example'],
    unknown: ['3@faults.example'],
    lost: [],
  })
})

test('a message that no delivery made is not passed over', () => {
  expect(() => verdictOf([], new Map([['<x@y>', 1]]))).toThrow('no delivery')
})
