import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

const EXAMPLES = path.join(import.meta.dirname, '../../examples')

/** Runs a program of examples/ to its end. */
export async function runExample(script: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [path.join(EXAMPLES, script), ...args], { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  // a test that is given up must not leave its servers behind
  const abandon = (): boolean => child.kill('SIGTERM')
  process.once('exit', abandon)
  const [code] = (await once(child, 'close')) as [number | null]
  process.off('exit', abandon)
  return { code, output }
}
