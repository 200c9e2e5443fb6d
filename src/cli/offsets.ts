import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { offsetsOf } from '../debezium/from-debezium.ts'
import type { Plan } from '../debezium/plan.ts'
import { TailraceError } from '../error/tailrace-error.ts'
import { debeziumFileOffsets, peekDebeziumFile, readOffsetFile } from '../offset/debezium/debezium-file-offsets.ts'
import { peekKafkaOffset } from '../offset/kafka/peek.ts'
import type { OffsetStore, StoredOffset } from '../offset/offset-store.ts'
import type { OffsetsAction, Request } from './command-line.ts'
import { readConfiguration, redactionOf } from './configuration.ts'
import { exitCodeOf, type ExitCode } from './exit-code.ts'
import { offsetJson, offsetText, type ShownOffset } from './offset-text.ts'
import { redaction } from './redaction.ts'
import { Status } from './status.ts'
import type { Surroundings } from './surroundings.ts'

type OffsetsRequest = Extract<Request, { kind: 'offsets' }>
type Import = Extract<OffsetsAction, { do: 'import' }>
type Export = Extract<OffsetsAction, { do: 'export' }>

/** `tailrace offsets`: shows the stored offset, takes one over from Debezium's, or hands it back. */
export async function offsets(request: OffsetsRequest, surroundings: Surroundings): Promise<ExitCode> {
  let status = new Status(surroundings.stderr, 'text', redaction([], []))
  try {
    const plan = readConfiguration(request.file, request.settings, surroundings)
    status = new Status(surroundings.stderr, 'text', redactionOf(plan))
    for (const warning of plan.warnings) status.warning(warning)
    surroundings.stdout.write(await act(request, plan, surroundings))
    return 0
  } catch (error) {
    status.failed(error)
    return exitCodeOf(error)
  }
}

async function act(request: OffsetsRequest, plan: Plan, surroundings: Surroundings): Promise<string> {
  if (plan.offsets.kind === 'memory') throw new TailraceError('TR_CONFIG_INVALID', { message: 'The configuration keeps its offset in memory', where: { property: 'offset.storage' } })
  const { action } = request
  switch (action.do) {
    case 'show': {
      const shown = { ...placeOf(plan), offset: await peek(plan, surroundings.signal) }
      return action.json ? offsetJson(shown) : offsetText(shown)
    }
    case 'import':
      return imported(request, action, plan, surroundings)
    case 'export':
      return exported(action, plan, surroundings)
  }
}

function placeOf(plan: Plan): Omit<ShownOffset, 'offset'> {
  const { offsets } = plan
  return { engine: plan.name, key: plan.offsetKey, place: offsets.kind === 'file' ? offsets.path : offsets.kind === 'kafka' ? `the topic ${offsets.options.topic}` : 'memory' }
}

/** What is stored, without holding the store: an engine may be using it. */
async function peek(plan: Plan, signal: AbortSignal): Promise<StoredOffset | undefined> {
  const { offsets, offsetKey, name, source } = plan
  if (offsets.kind === 'memory') return undefined
  return offsets.kind === 'kafka' ? peekKafkaOffset(offsets.options, name, signal) : peekDebeziumFile(offsets.path, { name: offsetKey.engine, server: offsetKey.server, source: source.kind }, name)
}

async function imported({ file, settings }: OffsetsRequest, action: Import, plan: Plan, surroundings: Surroundings): Promise<string> {
  const offset = await foreignOffset(action, settings.lenient, plan, surroundings)
  if (offset === undefined) throw new TailraceError('TR_OFFSET_FOREIGN', { message: `${action.from} holds no offset that this configuration could go on from`, where: { from: action.from }, remedy: 'Check the path; --name and --server say under which name and topic.prefix it was stored' })
  if (offset.source !== plan.source.kind) throw new TailraceError('TR_OFFSET_FOREIGN', { message: `The offset of ${action.from} belongs to a ${offset.source} source, and the configuration is for ${plan.source.kind}`, where: { from: action.from } })
  await store(offsetsOf(plan), { ...offset, engine: plan.name }, action.force, `${file} has an offset already`)
  return `Imported from ${action.from}:\n${offsetText({ ...placeOf(plan), offset })}`
}

/** From an offset file of Debezium's or of ours, or from where another configuration keeps its offset. */
async function foreignOffset(action: Import, lenient: boolean, plan: Plan, surroundings: Surroundings): Promise<StoredOffset | undefined> {
  const bytes = await readOffsetFile(path.resolve(action.from))
  if (bytes === undefined) throw new TailraceError('TR_OFFSET_READ', { message: `${action.from} does not exist`, where: { from: action.from } })
  // an offset file is a Java stream or JSON; nobody names a property like that
  if (bytes.length === 0 || bytes[0] === 0xac || bytes[0] === 0x7b) {
    const { name = plan.offsetKey.engine, server = plan.offsetKey.server } = action
    return peekDebeziumFile(path.resolve(action.from), { name, server, source: plan.source.kind, anyName: action.name !== undefined }, plan.name)
  }
  const other = readConfiguration(action.from, { lenient, overrides: [] }, surroundings)
  return peek(other, surroundings.signal)
}

async function exported({ to, force }: Export, plan: Plan, surroundings: Surroundings): Promise<string> {
  const target = path.resolve(to)
  if (plan.offsets.kind === 'file' && (await sameFile(plan.offsets.path, target))) {
    throw new TailraceError('TR_CONFIG_INVALID', { message: `${to} is where the configuration keeps its offset: Debezium goes on from it as it is`, where: { to } })
  }
  const offset = await held(plan, surroundings.signal)
  if (offset === undefined) throw new TailraceError('TR_OFFSET_READ', { message: `There is no offset in ${placeOf(plan).place}`, where: { place: placeOf(plan).place } })
  await store(debeziumFileOffsets(target, { name: plan.offsetKey.engine, server: plan.offsetKey.server, source: plan.source.kind }), offset, force, `${to} has an offset under this name and topic.prefix already`)
  return `Exported to ${to}:\n${offsetText({ ...placeOf(plan), offset })}`
}

/** The stored offset while nobody moves it on. A topic is only read: who holds it would otherwise be stopped. */
async function held(plan: Plan, signal: AbortSignal): Promise<StoredOffset | undefined> {
  if (plan.offsets.kind === 'kafka') return peek(plan, signal)
  await using source = offsetsOf(plan)
  return await source.load(plan.name)
}

async function store(target: OffsetStore, offset: StoredOffset, force: boolean, already: string): Promise<void> {
  await using opened = target
  const found = await opened.load(offset.engine)
  if (found !== undefined && !force) throw new TailraceError('TR_OFFSET_EXISTS', { message: already })
  await opened.save(offset)
}

async function sameFile(one: string, other: string): Promise<boolean> {
  const real = async (file: string): Promise<string> => realpath(file).catch(() => path.resolve(file))
  return (await real(one)) === (await real(other))
}
