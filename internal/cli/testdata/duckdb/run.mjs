// Runs the SQL in a file, each statement after the other, in this folder, and prints the rows of the last as NDJSON.
import { readFileSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'

const db = await (await DuckDBInstance.create(':memory:')).connect()
const statements = await db.extractStatements(readFileSync(process.argv[2], 'utf8'))
let rows = []
for (let i = 0; i < statements.count; i++) {
  rows = (await (await statements.prepare(i)).runAndReadAll()).getRowObjectsJson()
}
for (const row of rows) console.log(JSON.stringify(row))
