#!/usr/bin/env node
/** The program `rota`. What it does is in `program.ts`; this file is what the shell starts. */

import { enableCompileCache } from 'node:module'

// Before anything else is imported: the cache holds what is loaded after this line.
enableCompileCache()

const [{ main }, { processTerminal }] = await Promise.all([import('./program.ts'), import('./terminal.ts')])

const code = await main(process.argv.slice(2), processTerminal())
// Where standard error is a pipe, the last words may still be on their way.
await new Promise(resolve => process.stderr.write('', resolve))
// A config may leave timers and sockets behind; the command is over all the same.
process.exit(code)
