import tseslint from "typescript-eslint";

const forbid = (patterns, message) => ["error", { patterns: [{ group: patterns, message }] }];

export default tseslint.config(
  { ignores: ["dist/", "out/", "node_modules/", "test/vscode/workspace/", "examples/", ".vscode-test/"] },
  ...tseslint.configs.strict,
  {
    files: ["src/**/*.ts", "test/**/*.ts"],
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
    rules: { "no-restricted-imports": forbid(["vscode", "**/editor/**", "**/worker/**", "**/cli/**"], "The core imports nothing of the editor, the worker or the command line.") },
  },
  {
    files: ["src/worker/**/*.ts", "src/cli/**/*.ts"],
    rules: { "no-restricted-imports": forbid(["vscode", "**/editor/**"], "Only src/editor and src/extension.ts know VS Code.") },
  },
  {
    files: ["test/**/*.ts"],
    rules: { "no-console": "off" },
  },
);
