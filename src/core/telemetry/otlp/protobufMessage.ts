import type { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/** A field's number with the wire type that it must have: one of another type is an unknown field. */
export const tagOf = (field: number, type: WireType): number => (field << 3) | type;

/** Takes a field's value and returns true, or leaves it to be stepped over. @param end where its message ends. */
export type ReadField = (tag: number, end: number) => boolean;

/** Reads the fields up to `end`; what `read` doesn't take is stepped over. */
export function fields(reader: BinaryReader, end: number, read: ReadField): void {
  while (reader.pos < end) {
    const [field, type] = reader.tag();
    if (!read(tagOf(field, type), end)) reader.skip(type, field);
  }
  if (reader.pos !== end) throw new Error("a message runs past its end");
}

/**
 * Reads a message within another one, and stands behind it afterwards. @returns whether all of it could be read.
 * @throws where it ends after the other one does.
 */
export function message(reader: BinaryReader, limit: number, read: ReadField): boolean {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > limit) throw new Error("a message is cut off");
  try {
    fields(reader, end, read);
    return true;
  } catch {
    reader.pos = end;
    return false;
  }
}
