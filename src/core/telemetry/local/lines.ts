import type net from "node:net";

/** A line longer than this is no message of ours. */
const LONGEST_LINE = 64 * 1024 * 1024;

/** Calls back with every JSON value that arrives, one a line; what is no JSON ends the connection. */
export function onJsonLines(connection: net.Socket, receive: (value: unknown) => void): void {
  let rest = "";
  connection.setEncoding("utf8");
  connection.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LONGEST_LINE) connection.destroy();
    for (const line of lines) {
      let value: unknown;
      try {
        value = JSON.parse(line);
      } catch {
        connection.destroy();
        return;
      }
      receive(value);
    }
  });
}

export function sendLine(connection: net.Socket, value: unknown): void {
  if (!connection.destroyed) connection.write(`${JSON.stringify(value)}\n`);
}
