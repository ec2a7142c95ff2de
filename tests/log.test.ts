import { execFileSync } from 'node:child_process'
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { maskAddresses } from '../src/log.ts'
