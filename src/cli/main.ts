#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8'
import { command } from './command.ts'
import { interruption } from './interruption.ts'

// Events die young: a young generation that never grows beyond its first size holds them as well, and takes 30 MiB less than one that
// grows to 16 MiB twice. For a process of our own; a library leaves its host's heap alone.
setFlagsFromString('--semi-space-growth-factor=1')

// A reader that goes away (`| head`) is an error of the write, which whoever writes deals with; as an event it would end the process.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

process.exitCode = await command(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr, environment: process.env, signal: interruption() })
