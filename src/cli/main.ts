#!/usr/bin/env node
import { command } from './command.ts'
import { interruption } from './interruption.ts'
import { boundYoungGeneration } from './young-generation.ts'

boundYoungGeneration()

// A reader that goes away (`| head`) is an error of the write, which whoever writes deals with; as an event it would end the process.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

process.exitCode = await command(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr, environment: process.env, signal: interruption() })
