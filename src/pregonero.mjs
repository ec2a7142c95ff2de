#!/usr/bin/env node
// Entry of every command. Plain JavaScript, so that an old Node reads it and can be told what to do.
import module from 'node:module'

const needed = [24, 12]
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  process.stderr.write(
    `Pregonero needs Node ${needed.join('.')} or newer; this is ${process.version} (${process.execPath}).\n` +
      'On Linux the project brings its own Node: run `npm ci`, then `npm run -s pregonero -- COMMAND`.\n' +
      'Elsewhere install Node 24 from https://nodejs.org and run the command again.\n',
  )
  process.exit(1)
}

// most of a short command is compiling: the next one finds it done
module.enableCompileCache()
const { main } = await import('./cli.ts')
await main(process.argv.slice(2))
