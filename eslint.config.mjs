import tseslint from "typescript-eslint";

const forbid = (patterns, message) => ["error", { patterns: [{ group: patterns, message }] }];

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
      "max-lines": ["error", { max: 500, skipBlankLines: true, skipComments: true }],
      "no-console": "error",
    },
  },
  {
    // The core runs in Node, in a worker, in the command line: it knows nothing of the editor.
    files: ["src/core/**/*.ts"],
    rules: {
      "no-restricted-imports": forbid(
        ["vscode", "**/editor/**", "**/worker/**", "**/cli/**", "**/webview/**"],
        "The core imports nothing of the editor, the worker, the command line or the views.",
      ),
    },
  },
  {
    files: ["src/worker/**/*.ts", "src/cli/**/*.ts"],
    rules: {
      "no-restricted-imports": forbid(["vscode", "**/editor/**"], "Only src/editor and src/extension.ts know VS Code."),
    },
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
    // The wrapper is written into workspaces as one module, with the few types that it needs.
    files: ["src/wrapper/*.ts"],
    rules: { "max-lines": ["error", { max: 800, skipBlankLines: true, skipComments: true }] },
  },
  {
    files: ["test/**/*.ts"],
    rules: { "no-console": "off" },
  },
);
