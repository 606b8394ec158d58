import type { SourceProvider } from "../source";

/** The store of this machine, which its receiver fills. */
export const localSource: SourceProvider<null> = {
  name: "the local store",
  title: "Local spend",
  isLocal: true,
  label: () => "Local store",
  // It keeps calls, and no whole traces.
  links: null,
};
