import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { cacheDir, moveIntoPlace, npmInstall } from './binary.ts'
import { freePort } from './port.ts'

/** Two emulators of different make. What both do is more likely what Kinesis does. */
export type KinesisKind = 'kinesalite' | 'kinesis-local'

/** AWS' own reader of aggregated records. */
export type KinesisPackage = KinesisKind | 'aws-kinesis-agg'

/** Pinned, as all servers are. */
const VERSION: Readonly<Record<KinesisPackage, string>> = { kinesalite: '3.3.3', 'kinesis-local': '0.6.2', 'aws-kinesis-agg': '4.2.8' }

/** The folder that holds the package, fetched with npm on the first call. */
export async function installKinesis(kind: KinesisPackage): Promise<string> {
  const spec = `${kind}@${VERSION[kind]}`
  const parent = path.join(cacheDir(), 'kinesis')
  const home = path.join(parent, spec)
  if (existsSync(home)) return home
  await mkdir(parent, { recursive: true })
  const staging = await mkdtemp(path.join(parent, '.install-'))
  try {
    await npmInstall(spec, staging, 'Kinesis')
    await moveIntoPlace(staging, home)
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
  return home
}

export interface KinesisServer extends AsyncDisposable {
  /** Plain HTTP. */
  readonly url: string
  /** Ends it, as a crash would. Its streams are gone. */
  kill(): Promise<void>
}

/** Starts an emulator on a free port of 127.0.0.1; it ends with this process at the latest. */
export async function startKinesis(kind: KinesisKind): Promise<KinesisServer> {
  const folder = await installKinesis(kind)
  const [port, tlsPort] = [await freePort(), await freePort()]
  const child = spawn(process.execPath, [fileURLToPath(new URL('kinesis-child.mjs', import.meta.url)), kind, folder, String(port), String(tlsPort)], { stdio: ['pipe', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  }
  try {
    await untilListening(child, port)
  } catch (error) {
    await kill()
    throw new Error(`${kind} did not start: ${said}`, { cause: error })
  }
  return { url: `http://127.0.0.1:${port}`, kill, [Symbol.asyncDispose]: kill }
}

async function untilListening(child: ChildProcess, port: number): Promise<void> {
  for (const end = performance.now() + 60_000; ; await delay(20)) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
    if (await answers(port)) return
    if (performance.now() > end) throw new Error('nobody listens after 20 s')
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
