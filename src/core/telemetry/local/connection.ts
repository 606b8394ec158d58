import { Database, type JSValue, type SQLiteValue, type Statement } from "node-sqlite3-wasm";

export type Row = Record<string, SQLiteValue>;
export type Values = JSValue[];

/**
 * The one door to SQLite. The driver's `Statement.get` stops after the first row and leaves its read open: no
 * checkpoint and no VACUUM gets past it. Here every read is read to its end, and every statement is finalized with its
 * connection, so that no caller can forget either.
 */
export class Connection {
  private readonly database: Database;
  private readonly prepared = new Set<PreparedStatement>();

  /** Opens or creates the database. @throws what SQLite throws. */
  constructor(file: string, options: { readOnly?: boolean } = {}) {
    this.database = new Database(file, options);
  }

  get inTransaction(): boolean {
    return this.database.inTransaction;
  }

  /** Runs any number of statements whose rows nobody wants. */
  exec(sql: string): void {
    this.database.exec(sql);
  }

  /** @returns how many rows were changed. */
  run(sql: string, values: Values = []): number {
    return this.database.run(sql, values).changes;
  }

  all(sql: string, values: Values = []): Row[] {
    return this.database.all(sql, values) as Row[];
  }

  /** The first row, or null; the statement is finalized, which ends its read. */
  get(sql: string, values: Values = []): Row | null {
    return this.database.get(sql, values) as Row | null;
  }

  /** Calls back with one row after the other, without holding them all. */
  each(sql: string, values: Values, take: (row: Row) => void): void {
    const statement = this.database.prepare(sql);
    try {
      for (const row of statement.iterate(values)) take(row as Row);
    } finally {
      statement.finalize();
    }
  }

  /** A statement to run many times. It lives until it or the connection is closed. */
  prepare(sql: string): PreparedStatement {
    const statement = new PreparedStatement(this.database.prepare(sql), () => this.prepared.delete(statement));
    this.prepared.add(statement);
    return statement;
  }

  /** Closes the statements that are left, then the database: a database with statements keeps its files open. */
  close(): void {
    for (const statement of [...this.prepared]) statement.close();
    this.database.close();
  }
}

export class PreparedStatement {
  constructor(
    private readonly statement: Statement,
    private readonly closed: () => void,
  ) {}

  /** @returns how many rows were changed. */
  run(values: Values): number {
    return this.statement.run(values).changes;
  }

  all(values: Values): Row[] {
    return this.statement.all(values) as Row[];
  }

  /** The first row, or null. The query is read to its end, so it should ask for one row (`LIMIT 1`, or a unique key). */
  get(values: Values): Row | null {
    return this.all(values)[0] ?? null;
  }

  close(): void {
    if (!this.statement.isFinalized) this.statement.finalize();
    this.closed();
  }
}
