import type { Connection, PreparedStatement, Values } from "./connection";
import { DAY_US } from "./days";
import { RecentMap } from "../recentMap";

interface Known {
  id: number;
  day: number;
}

/** Names that are remembered; more are looked up in the database. */
const MAX_REMEMBERED = 20_000;

/**
 * A table of what spans refer to by number. Each row holds the newest day of its calls and leaves with that day, so
 * that no name outlives its calls. Numbers are never given twice.
 */
export class Names {
  private readonly recent = new RecentMap<string, Known>(MAX_REMEMBERED);
  /** Numbers by the new newest day of their calls, until the transaction ends. */
  private readonly touched = new Map<number, number[]>();
  private readonly statements: Record<"find" | "insert" | "touch", PreparedStatement>;

  /** @param columns the unique one first, without `id` and `day`. */
  constructor(
    private readonly database: Connection,
    private readonly table: "series" | "user",
    columns: readonly string[],
  ) {
    const [key = ""] = columns;
    this.statements = {
      find: database.prepare(`SELECT id, day FROM ${table} WHERE ${key} = ?`),
      insert: database.prepare(
        `INSERT INTO ${table}(day, ${columns.join(", ")}) VALUES (?${", ?".repeat(columns.length)}) RETURNING id`,
      ),
      touch: database.prepare(`UPDATE ${table} SET day = ? WHERE id IN (SELECT value FROM json_each(?))`),
    };
  }

  /**
   * The number of a name, within the transaction that is open; a new name is written.
   * @param values of the columns, the unique one first.
   */
  idOf(name: string, day: number, values: () => Values): number {
    const known = this.recent.get(name) ?? this.find(name, day, values());
    if (known.day < day) {
      known.day = day;
      const ids = this.touched.get(day);
      if (ids === undefined) this.touched.set(day, [known.id]);
      else ids.push(known.id);
    }
    return known.id;
  }

  /** At the end of the transaction, after the last `idOf`. One statement for many names: one each would slow ingest. */
  saveDays(): void {
    // Later days last: a name that got two new days has the later one.
    for (const [day, ids] of [...this.touched].sort(([a], [b]) => a - b))
      this.statements.touch.run([day, JSON.stringify(ids)]);
    this.touched.clear();
  }

  private find(name: string, day: number, values: Values): Known {
    const row = this.statements.find.get([values[0] ?? null]);
    const known =
      row === null
        ? { id: Number(this.statements.insert.get([day, ...values])?.["id"]), day }
        : { id: Number(row["id"]), day: Number(row["day"]) };
    this.recent.set(name, known);
    return known;
  }

  /** Removes the names with no call from a day on, within the transaction that is open. @returns their numbers. */
  dropBefore(day: number): number[] {
    this.forget();
    return this.erase(`DELETE FROM ${this.table} WHERE day < ${day} RETURNING id`);
  }

  /** Removes the names without calls, after calls have gone from any day, within the transaction that is open. */
  dropUnused(): number[] {
    const { table } = this;
    this.database.exec(
      `UPDATE ${table} SET day = -1; UPDATE ${table} SET day = newest.day FROM (${newestDays(table)}) AS newest WHERE newest.id = ${table}.id`,
    );
    return this.dropBefore(0);
  }

  /**
   * Puts the rows that are left into a table of their own, within the transaction that is open, and overwrites the old
   * one: only names that are left have ever been on its pages. Numbers go on where they were.
   */
  rewrite(): void {
    const { database, table } = this;
    const sql = String(database.get("SELECT sql FROM sqlite_schema WHERE name = ?", [table])?.["sql"]);
    this.securely(() =>
      database.exec(`
CREATE TABLE rewritten_${table}${sql.slice(sql.indexOf("("))};
INSERT INTO rewritten_${table} SELECT * FROM ${table} ORDER BY id;
INSERT OR IGNORE INTO sqlite_sequence SELECT 'rewritten_${table}', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'rewritten_${table}');
UPDATE sqlite_sequence SET seq = (SELECT max(seq) FROM sqlite_sequence WHERE name = '${table}') WHERE name = 'rewritten_${table}';
DROP TABLE ${table};
ALTER TABLE rewritten_${table} RENAME TO ${table};`),
    );
  }

  /** With `secure_delete`, a deleted name's text is overwritten in the file. */
  private erase(sql: string): number[] {
    return this.securely(() => this.database.all(sql).map(({ id }) => Number(id)));
  }

  private securely<T>(run: () => T): T {
    this.database.exec("PRAGMA secure_delete = ON");
    try {
      return run();
    } finally {
      this.database.exec("PRAGMA secure_delete = OFF");
    }
  }

  /** What is remembered may not be true any more: a transaction was rolled back. */
  forget(): void {
    this.recent.clear();
    this.touched.clear();
  }

  close(): void {
    for (const statement of Object.values(this.statements)) statement.close();
  }
}

/** The newest day of the calls of each name that has some: `id`, `day`. */
export const newestDays = (table: "series" | "user"): string =>
  `SELECT ${table} AS id, max(start) / ${DAY_US} AS day FROM span GROUP BY ${table}`;
