import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { Module } from 'node:module'
import path from 'node:path'
import { cacheDir, moveIntoPlace, npmInstall } from './binary.ts'

/** Pinned, as all servers are. */
const SPECS = ['snappy@7.4.3', 'lz4-napi@2.10.0']

/** The packages that compress as Node does not, fetched with npm on the first call; afterwards `require` of any module finds them. */
export async function installCompressors(): Promise<void> {
  const homes: string[] = []
  for (const spec of SPECS) homes.push(await installed(spec))
  // what Node does with NODE_PATH when it starts
  process.env['NODE_PATH'] = homes.map((home) => path.join(home, 'node_modules')).join(path.delimiter)
  ;(Module as unknown as { _initPaths(): void })._initPaths()
}

async function installed(spec: string): Promise<string> {
  const home = path.join(cacheDir(), 'compressors', spec)
  if (existsSync(home)) return home
  await mkdir(path.dirname(home), { recursive: true })
  const staging = await mkdtemp(path.join(path.dirname(home), '.install-'))
  try {
    await npmInstall(spec, staging, 'Compression')
    await moveIntoPlace(staging, home)
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
  return home
}
