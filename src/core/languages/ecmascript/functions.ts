import type { KnownFunctionName } from "../../calls/knownFunctions";

/** What functions of JavaScript, of Node.js, and of a few packages, do. */
export const functions: Readonly<Record<string, KnownFunctionName>> = {
  String: "text",
  dedent: "dedentAndTrim",
  "ts-dedent.dedent": "dedentAndTrim",
  outdent: "dedentAndTrim",
  "common-tags.stripIndent": "dedentAndTrim",
  "String.raw": "same",
  "path.join": "joinPath",
  "path.resolve": "resolvePath",
  "path.dirname": "parentPath",
  "url.fileURLToPath": "path",
  URL: "url",
  "url.URL": "url",
  "fs.readFileSync": "readFile",
  "fs.readFile": "readFile",
  "fs.promises.readFile": "readFile",
  "fs/promises.readFile": "readFile",
  "JSON.stringify": "scriptJson",
  "Object.freeze": "same",
  "Object.assign": "mergeRecords",
};
