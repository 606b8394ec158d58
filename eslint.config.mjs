import tseslint from "typescript-eslint";

const forbid = (patterns, message, paths = []) => ["error", { patterns: [{ group: patterns, message }], paths }];

/** What reads files in Node: a repository's files are read through one door, which lets no pipe, device or outside link in. */
const DOOR = "Files are read with src/core/files/readFile.ts only: see there for what it makes sure of.";
const readers = [
  ...["fs", "node:fs"].map((name) => ({
    name,
    importNames: [
      "default",
      "promises",
      "open",
      "openSync",
      "read",
      "readSync",
      "readFile",
      "readFileSync",
      "createReadStream",
    ],
    message: DOOR,
  })),
  ...["fs/promises", "node:fs/promises"].map((name) => ({ name, message: DOOR })),
];
const OUTSIDE_EDITOR = [["vscode", "**/editor/**"], "Only src/editor and src/extension.ts know VS Code."];
const CORE = [
  ["vscode", "**/editor/**", "**/worker/**", "**/cli/**", "**/webview/**"],
  "The core imports nothing of the editor, the worker, the command line or the views.",
];

export default tseslint.config(
  {
    ignores: [
      "dist/",
      "out/",
      "node_modules/",
      "test/vscode/workspace/",
      "test/integration/instrument/apps/",
      "test/bench/wrapper/",
      "test/soak/faults/",
      "examples/",
      ".vscode-test/",
    ],
  },
  ...tseslint.configs.strict,
  {
    files: ["src/**/*.{ts,tsx}", "test/**/*.ts"],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { disallowTypeAnnotations: false }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      complexity: ["error", { max: 26, variant: "modified" }],
      "max-lines": ["error", { max: 500, skipBlankLines: true, skipComments: true }],
      "no-console": "error",
    },
  },
  {
    // Above the limit since before there was one. No file is added here; one that is taken apart leaves.
    files: [
      "src/core/calls/knownMembers.ts",
      "src/core/languages/ecmascript/uses.ts",
      "src/core/languages/python/uses.ts",
      "src/core/telemetry/local/detail.ts",
      "src/core/telemetry/openobserve/openObserveStore.ts",
      "src/wrapper/promptCost.ts",
    ],
    rules: { complexity: ["error", { max: 39, variant: "modified" }] },
  },
  {
    // The core runs in Node, in a worker, in the command line: it knows nothing of the editor.
    files: ["src/core/**/*.ts"],
    rules: {
      "no-restricted-imports": forbid(...CORE, readers),
    },
  },
  {
    // The door itself, and the local store, which opens its own files only.
    files: ["src/core/files/readFile.ts", "src/core/telemetry/local/**/*.ts"],
    rules: { "no-restricted-imports": forbid(...CORE) },
  },
  {
    files: ["src/worker/**/*.ts", "src/cli/**/*.ts"],
    rules: {
      "no-restricted-imports": forbid(...OUTSIDE_EDITOR, readers),
    },
  },
  {
    // Compares what it is about to replace through the handle that it holds.
    files: ["src/cli/writeFiles.ts"],
    rules: { "no-restricted-imports": forbid(...OUTSIDE_EDITOR) },
  },
  {
    files: ["src/webview/**/*.{ts,tsx}"],
    rules: {
      "no-restricted-imports": forbid(
        ["vscode", "node:*", "**/editor/**", "**/worker/**", "**/cli/**"],
        "A view only draws: it runs in a browser.",
      ),
    },
  },
  {
    files: ["src/editor/**/*.ts", "src/extension.ts"],
    rules: { "no-restricted-imports": ["error", { paths: readers }] },
  },
  {
    // What others wrote is made safe in one place for each way of showing it, and what is written is checked in one.
    files: ["src/editor/**/*.ts", "src/extension.ts"],
    ignores: [
      "src/editor/markdown.ts",
      "src/editor/notifications.ts",
      "src/editor/readUri.ts",
      "src/editor/workspaceWrites.ts",
      "src/editor/instrument/proposedTexts.ts",
    ],
    rules: {
      "no-restricted-syntax": [
        "error",
        ...[
          ["/^(MarkdownString|registerTextDocumentContentProvider)$/", "src/editor/markdown.ts"],
          ["/^(show(Information|Warning|Error)Message|setStatusBarMessage)$/", "src/editor/notifications.ts"],
          ["/^readFile$/", "src/editor/readUri.ts"],
          ["/^(applyEdit|writeFile)$/", "src/editor/workspaceWrites.ts"],
        ].map(([name, file]) => ({
          selector: `MemberExpression[property.name=${name}]`,
          message: `Only ${file} calls this: see there for what it makes sure of.`,
        })),
      ],
    },
  },
  {
    files: ["src/webview/**/*.tsx"],
    rules: {
      "no-restricted-syntax": [
        "error",
        { selector: "JSXIdentifier[name='dangerouslySetInnerHTML']", message: "Text from spans is no HTML." },
      ],
    },
  },
  {
    // One place writes to the terminal, and cleans what others wrote.
    files: ["src/cli/**/*.ts"],
    ignores: ["src/cli/output.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "MemberExpression[object.name='process'][property.name=/^(stdout|stderr)$/]",
          message: "Only src/cli/output.ts writes to the terminal.",
        },
      ],
    },
  },
  {
    // A read that the driver leaves open keeps the write-ahead log from ever being emptied.
    files: ["src/core/telemetry/**/*.ts"],
    ignores: ["src/core/telemetry/local/connection.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "ImportDeclaration[source.value='node-sqlite3-wasm']",
          message: "Only src/core/telemetry/local/connection.ts knows the driver: see there for why.",
        },
      ],
    },
  },
  {
    // The wrapper is written into workspaces as one module, with the few types that it needs.
    files: ["src/wrapper/*.ts"],
    rules: { "max-lines": ["error", { max: 880, skipBlankLines: true, skipComments: true }] },
  },
  {
    files: ["test/**/*.ts"],
    rules: { "no-console": "off" },
  },
);
