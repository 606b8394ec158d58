/** What a command's options say of the store to read. */
export interface SourceOptions {
  db?: string | undefined;
  url?: string | undefined;
  org?: string | undefined;
  stream?: string | undefined;
  "allow-http"?: boolean | undefined;
}
