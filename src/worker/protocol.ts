import { z } from "zod";
import { report } from "../core/findings/finding";
import { confidences } from "../core/tokens/confidence";
import { deciders, vendorKinds } from "../core/vendors/vendor";
import type { TextEdit } from "../core/textEdit";
import { defineProtocol } from "./rpc/wire";

/**
 * Everything that crosses between the editor and the worker. Both sides check what they get; beyond that,
 * messages are trusted.
 */

const documentText = z.object({
  uri: z.string(),
  version: z.number(),
  languageId: z.string(),
  file: z.string().nullable(),
  /** Null where it is too long to be analysed. */
  text: z.string().nullable(),
});

const textEdit = z.object({ start: z.number(), end: z.number(), text: z.string() }) satisfies z.ZodType<TextEdit>;

export const toWorker = z.discriminatedUnion("kind", [
  /** Workspace folders, as paths; of folders that can't be read directly there is no path. */
  z.object({ kind: z.literal("roots"), roots: z.array(z.string()) }),
  /** A document's text, now. */
  z.object({ kind: z.literal("document"), ...documentText.shape }),
  /** What a document's version has in place of an earlier version's text. */
  z.object({
    kind: z.literal("edited"),
    uri: z.string(),
    before: z.number(),
    version: z.number(),
    /** As VS Code tells of changes: each lies in the text that the one before has left. */
    changes: z.array(textEdit),
    /** Of the text that they make. */
    length: z.number(),
  }),
  z.object({ kind: z.literal("closed"), uri: z.string() }),
  /** Files or folders that changed on disk. */
  z.object({ kind: z.literal("changed"), files: z.array(z.string()) }),
  /** A pricing table's text; null where it was deleted. */
  z.object({ kind: z.literal("pricing"), root: z.string(), uri: z.string(), text: z.string().nullable() }),
]);
export type ToWorker = z.infer<typeof toWorker>;

const amounts = { input: z.number(), cachedInput: z.number(), output: z.number().nullable() };

const price = z.object({
  ...amounts,
  row: z.string(),
  source: z.enum(["table", "catalogue"]),
  sourceName: z.string(),
  above: z.object({ ...amounts, inputTokens: z.number() }).nullable(),
});

const vendor = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(vendorKinds),
  host: z.string().nullable(),
  prices: z.string(),
  pricesName: z.string(),
  decidedBy: z.enum(deciders),
  isDefault: z.boolean(),
});

const estimate = z.object({
  vendor,
  model: z.object({
    name: z.string().nullable(),
    source: z.enum(["literal", "constant", "default", "dynamic"]),
    expression: z.string().nullable(),
  }),
  input: z.object({
    tokens: z.number(),
    confidence: z.enum(confidences),
    parts: z.array(z.object({ label: z.string(), tokens: z.number() })),
    reasons: z.array(z.object({ confidence: z.enum(confidences), tokens: z.number().nullable(), text: z.string() })),
  }),
  outputLimit: z.number().nullable(),
  cost: z.object({ input: z.number().nullable(), outputLimit: z.number().nullable() }),
  price: price.nullable(),
  priceReason: z.string().nullable(),
  serviceTier: z.string().nullable(),
  holes: z.array(z.string()),
  origins: z.object({ prompt: z.string().nullable(), model: z.string().nullable() }),
  limits: z.array(z.string()),
});

/** `tracking` is null where the call isn't tracked; its feature, where that is no plain text. */
const call = z.object({
  /** The call's identity among those of its document. */
  id: z.string(),
  api: z.string(),
  start: z.number(),
  end: z.number(),
  estimate,
  tracking: z.object({ feature: z.string().nullable(), isInCall: z.boolean() }).nullable(),
});

export const fromWorker = z.discriminatedUnion("kind", [
  /** The calls of a document's version. `reason` says why there are none where that isn't plain. */
  z.object({
    kind: z.literal("estimates"),
    uri: z.string(),
    version: z.number(),
    calls: z.array(call),
    findings: z.array(report),
    reason: z.string().nullable(),
    milliseconds: z.number(),
  }),
  /** Changes of a document came whose earlier version isn't here: its whole text is wanted. */
  z.object({ kind: z.literal("lacking"), uri: z.string() }),
  z.object({ kind: z.literal("pricing"), uri: z.string(), findings: z.array(report), note: z.string() }),
]);
export type FromWorker = z.infer<typeof fromWorker>;
export type Estimates = Extract<FromWorker, { kind: "estimates" }>;
export type PricingReport = Extract<FromWorker, { kind: "pricing" }>;

const trackableCall = z.object({
  api: z.string(),
  start: z.number(),
  end: z.number(),
  isTracked: z.boolean(),
  feature: z.string().nullable(),
  suggestion: z.string(),
  userIds: z.array(z.string()),
  refusal: z.string().nullable(),
});
export type TrackableCall = z.infer<typeof trackableCall>;

const writtenFiles = z.array(z.object({ file: z.string(), text: z.string() }));

/** Edits of the text, and files to write beside it. */
const tracked = z.object({
  edits: z.array(textEdit),
  files: writtenFiles,
});
export type Tracked = z.infer<typeof tracked>;

const sourceText = { file: z.string(), text: z.string(), root: z.string() };
/** Milliseconds to wait for what concerns one file, and for what concerns a whole workspace. */
const [FILE, WORKSPACE] = [20_000, 120_000];

export const requests = {
  /** Which calls of a text can be tracked, or are. */
  trackable: {
    input: z.object(sourceText),
    output: z.object({ hasErrors: z.boolean(), calls: z.array(trackableCall) }),
    timeoutMs: FILE,
  },
  /** What tracks the calls that begin at these offsets, or takes their tracking away. */
  track: {
    input: z.object({
      ...sourceText,
      chosen: z.array(z.object({ start: z.number(), feature: z.string(), userId: z.string().nullable() })),
      isRemoval: z.boolean(),
      team: z.string().nullable(),
      environment: z.string().nullable(),
    }),
    output: tracked,
    timeoutMs: FILE,
  },
  /** The features that calls of the workspace are tracked as. */
  features: { input: z.null(), output: z.array(z.string()), timeoutMs: WORKSPACE },
  /** Which wrappers of a folder would be of no use any more, with these texts in place of what lies on the disk. */
  unused: {
    input: z.object({ root: z.string(), texts: z.record(z.string(), z.string()) }),
    output: z.array(z.string()),
    timeoutMs: WORKSPACE,
  },
  /** What a wrapper's files hold now; with `ifImported` (texts in place of what lies on the disk) only where a file of the folder imports it. */
  wrapper: {
    input: z.object({
      file: z.string(),
      root: z.string(),
      ifImported: z.record(z.string(), z.string()).nullable(),
    }),
    output: writtenFiles,
    timeoutMs: WORKSPACE,
  },
  /** What is to say of the text of a wrapper's price module. */
  wrapperFindings: { input: z.object(sourceText), output: z.array(report), timeoutMs: WORKSPACE },
};
export type Requests = typeof requests;

export const protocol = defineProtocol(toWorker, fromWorker, requests);
