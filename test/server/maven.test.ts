import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ServerUnavailableError } from './binary.ts'
import { installed, mavenJars, requireJava } from './maven.ts'

const environment = { ...process.env }
let dir: string
beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'tailrace-maven-'))
  process.env['XDG_CACHE_HOME'] = dir
})
afterEach(async () => {
  for (const name of ['XDG_CACHE_HOME', 'PATH', 'JAVA_HOME']) {
    if (environment[name] === undefined) Reflect.deleteProperty(process.env, name)
    else process.env[name] = environment[name]
  }
  await rm(dir, { recursive: true })
})

it('says that Maven is missing, or Java, or a Java that is new enough', async () => {
  process.env['PATH'] = dir
  Reflect.deleteProperty(process.env, 'JAVA_HOME')
  const unavailable = mavenJars('server', ['group:name:1'])
  await expect(unavailable).rejects.toThrow(ServerUnavailableError)
  await expect(unavailable).rejects.toThrow('server: the command "mvn" (Maven) is not installed')
  expect(() => requireJava('server', 17)).toThrow('server: there is no Java (ENOENT)')
  await writeFile(path.join(dir, 'java'), '#!/bin/sh\necho openjdk 11.0.2 2019-01-15\n', { mode: 0o755 })
  expect(() => requireJava('server', 17)).toThrow('server: Java 17 is needed, and this is openjdk 11.0.2 2019-01-15')
  expect(requireJava('server', 11)).toContain('11.0.2')
})

it('takes the Java of JAVA_HOME before the one on the PATH', async () => {
  await mkdir(path.join(dir, 'bin'))
  await writeFile(path.join(dir, 'bin', 'java'), '#!/bin/sh\necho java 99 x\n', { mode: 0o755 })
  process.env['JAVA_HOME'] = dir
  expect(requireJava('server', 99)).toBe('java 99 x\n')
})

it('makes a folder once, of two that are asked for at the same time, and none when that fails', async () => {
  const make = (text: string) => async (staging: string): Promise<string> => {
    await mkdir(path.join(staging, 'made'))
    await writeFile(path.join(staging, 'made', 'file'), text)
    return path.join(staging, 'made')
  }
  const homes = await Promise.all(['a', 'b'].map((text) => installed('name', ['contents'], make(text))))
  expect(homes[0]).toBe(homes[1])
  const kept = await readFile(path.join(homes[0]!, 'file'), 'utf8')
  expect(await installed('name', ['contents'], () => Promise.reject(new Error('made again')))).toBe(homes[0])
  expect(await readFile(path.join(homes[0]!, 'file'), 'utf8')).toBe(kept)
  await expect(installed('name', ['others'], () => Promise.reject(new Error('out of disk')))).rejects.toThrow('out of disk')
  expect(await readdir(path.join(dir, 'tailrace', 'java'))).toEqual([path.basename(homes[0]!)])
})
