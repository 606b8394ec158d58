import { createRequire } from "node:module";
import path from "node:path";
import { parentPort } from "node:worker_threads";
import { z } from "zod";
import { applyChanges } from "../../src/core/textEdit";

/**
 * The real worker, in whose thread a document that says HANG never comes to an end: as it would where an analysis of
 * ours had an endless loop.
 */
if (parentPort === null) throw new Error("a test starts this as a worker thread");
const port = parentPort;

const hanging = new Set<string>();
const texts = new Map<string, string>();
const documentMessage = z.object({ kind: z.literal("document"), uri: z.string(), text: z.string() });
const change = z.object({ start: z.number(), end: z.number(), text: z.string() });
const editedMessage = z.object({ kind: z.literal("edited"), uri: z.string(), changes: z.array(change) });
const subjectMessage = z.object({ kind: z.literal("subject"), subject: z.object({ uri: z.string() }) });

port.on("message", (value: unknown) => {
  const [whole, edited] = [documentMessage.safeParse(value).data, editedMessage.safeParse(value).data];
  const uri = whole?.uri ?? edited?.uri;
  if (uri === undefined) return;
  const text = whole?.text ?? applyChanges(texts.get(uri) ?? "", edited?.changes ?? [])?.text ?? "";
  texts.set(uri, text);
  if (text.includes("HANG")) hanging.add(uri);
  else hanging.delete(uri);
});

const post = port.postMessage.bind(port);
port.postMessage = (value: unknown): void => {
  post(value);
  const uri = subjectMessage.safeParse(value).data?.subject.uri;
  while (uri !== undefined && hanging.has(uri));
};

createRequire(__filename)(path.join(__dirname, "../../dist/worker.js"));
