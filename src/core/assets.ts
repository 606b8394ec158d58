import path from "node:path";
import { Grammars } from "./calls/syntax";
import { readBytes } from "./files/readFile";
import { type Catalogue, parseCatalogue } from "./pricing/catalogue";
import { Encodings } from "./tokens/encoding";

/** The largest file of the build, in bytes. */
const MAX_ASSET_SIZE = 64 * 1024 * 1024;

/** What the build lays beside the code: grammars, encodings, prices. Each file is read when it is first needed. */
export class Assets {
  readonly encodings: Encodings;
  readonly grammars: Grammars;
  private loadedCatalogue: Catalogue | undefined;

  /** @param folder the build's output folder, `dist`. */
  constructor(readonly folder: string) {
    this.encodings = new Encodings((name) => this.bytesOf("encodings", `${name}.ranks`));
    this.grammars = new Grammars({
      runtime: path.join(folder, "grammars", "web-tree-sitter.wasm"),
      grammar: (name) => path.join(folder, "grammars", `${name}.wasm`),
    });
  }

  get catalogue(): Catalogue {
    this.loadedCatalogue ??= parseCatalogue(new TextDecoder().decode(this.bytesOf("catalogue.json")));
    return this.loadedCatalogue;
  }

  private bytesOf(...names: string[]): Uint8Array {
    const file = path.join(this.folder, ...names);
    const bytes = readBytes(file, "anywhere", MAX_ASSET_SIZE);
    if (bytes instanceof Uint8Array) return bytes;
    throw new Error(`${file} of Prompt Cost Lens itself can't be read: it is ${bytes}`);
  }
}
