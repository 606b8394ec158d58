import { readFileSync } from "node:fs";
import path from "node:path";
import { Grammars } from "./calls/syntax";
import { type Catalogue, parseCatalogue } from "./pricing/catalogue";
import { Encodings } from "./tokens/encoding";

/** What the build lays beside the code: grammars, encodings, prices. Each file is read when it is first needed. */
export class Assets {
  readonly encodings: Encodings;
  readonly grammars: Grammars;
  private loadedCatalogue: Catalogue | undefined;

  /** @param folder the build's output folder, `dist`. */
  constructor(readonly folder: string) {
    this.encodings = new Encodings((name) => readFileSync(path.join(folder, "encodings", `${name}.ranks`)));
    this.grammars = new Grammars({
      runtime: path.join(folder, "grammars", "web-tree-sitter.wasm"),
      grammar: (name) => path.join(folder, "grammars", `${name}.wasm`),
    });
  }

  get catalogue(): Catalogue {
    this.loadedCatalogue ??= parseCatalogue(readFileSync(path.join(this.folder, "catalogue.json"), "utf8"));
    return this.loadedCatalogue;
  }
}
