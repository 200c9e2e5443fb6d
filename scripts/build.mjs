// Builds dist/ with plain tsc: no bundling, so that stack traces and subpath exports stay as they are written.
import { spawnSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
rmSync(`${root}/dist`, { recursive: true, force: true })
const result = spawnSync(process.execPath, [`${root}/node_modules/typescript/bin/tsc`, '-p', `${root}/tsconfig.json`], { stdio: 'inherit' })
if (result.status !== 0) process.exit(result.status ?? 1)
chmodSync(`${root}/dist/cli/main.js`, 0o755)
