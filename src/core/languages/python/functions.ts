import type { KnownFunctionName } from "../../calls/knownFunctions";

/** What functions of Python's standard library, and of a few packages, do. */
export const functions: Readonly<Record<string, KnownFunctionName>> = {
  str: "text",
  list: "list",
  tuple: "list",
  "textwrap.dedent": "dedent",
  "inspect.cleandoc": "dedentAndTrim",
  "os.getenv": "environment",
  "os.environ.get": "environment",
  "decouple.config": "environment",
  open: "openFile",
  "io.open": "openFile",
  "codecs.open": "openFile",
  Path: "path",
  "pathlib.Path": "path",
  "pathlib.PurePath": "path",
  "os.path.join": "joinPath",
  "os.path.dirname": "parentPath",
  "os.path.abspath": "path",
  "os.path.realpath": "path",
  "json.dumps": "pythonJson",
};
