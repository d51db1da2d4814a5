// Holds a database file: while this runs, nobody else can open it. Says "held" when it does; ends with its input.
import { DuckDBInstance } from '@duckdb/node-api'

const [file = ''] = process.argv.slice(2)

async function hold(): Promise<void> {
  for (;;) {
    try {
      const instance = await DuckDBInstance.create(file)
      const connection = await instance.connect()
      await connection.run('SELECT 1')
      process.stdout.write('held\n')
      process.stdin.resume()
      process.stdin.on('end', () => {
        connection.closeSync()
        instance.closeSync()
      })
      return
    } catch {
      await new Promise(resolve => setTimeout(resolve, 5))
    }
  }
}

await hold()
