import type { HandlingModes } from '../../../event/handling-mode.ts'
import type { PgType } from '../column.ts'
import { unquote } from './default-expression.ts'
import type { ValueType } from './reader.ts'
import { textType } from './text.ts'

/** An enum: its label, with all labels in the schema. */
export function enumType(type: PgType, modes: HandlingModes): ValueType {
  const text = textType(modes, 'io.debezium.data.Enum')
  return { ...text, shape: { ...text.shape, parameters: { allowed: (type.labels ?? []).join(',') } }, default: (expression) => enumDefault(expression, type) }
}

/** `'ok'::mood`, `'a b'::"Mo od"`, `'red'::s2.col`: only a cast to this very type counts. */
function enumDefault(expression: string, type: PgType): ReturnType<NonNullable<ValueType['default']>> {
  const cast = expression.lastIndexOf('::')
  if (cast < 0) return undefined
  const target = /^(?:(?:"(?:[^"]|"")+"|[^".]+)\.)?(?:"((?:[^"]|"")+)"|([^".]+))$/.exec(expression.slice(cast + 2))
  const name = target?.[1]?.replaceAll('""', '"') ?? target?.[2]
  if (name !== type.name) return undefined
  const constant = expression.slice(0, cast)
  const label = constant.length > 1 && constant.startsWith("'") && constant.endsWith("'") ? unquote(constant.slice(1, -1)) : constant
  return (writer) => writer.string(label)
}
