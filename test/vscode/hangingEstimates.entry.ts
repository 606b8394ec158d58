import { createRequire } from "node:module";
import path from "node:path";
import { parentPort } from "node:worker_threads";
import { z } from "zod";

/**
 * The real worker, in whose thread a document that says HANG never comes to an end: as it would where an analysis of
 * ours had an endless loop.
 */
if (parentPort === null) throw new Error("a test starts this as a worker thread");
const port = parentPort;

const hanging = new Set<string>();
const documentMessage = z.object({ kind: z.literal("document"), uri: z.string(), text: z.string() });
const subjectMessage = z.object({ kind: z.literal("subject"), subject: z.object({ uri: z.string() }) });

port.on("message", (value: unknown) => {
  const message = documentMessage.safeParse(value).data;
  if (message === undefined) return;
  if (message.text.includes("HANG")) hanging.add(message.uri);
  else hanging.delete(message.uri);
});

const post = port.postMessage.bind(port);
port.postMessage = (value: unknown): void => {
  post(value);
  const uri = subjectMessage.safeParse(value).data?.subject.uri;
  while (uri !== undefined && hanging.has(uri));
};

createRequire(__filename)(path.join(__dirname, "../../dist/worker.js"));
