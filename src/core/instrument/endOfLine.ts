/** Where the line ends that an offset is in (UTF-16 units). */
export function endOfLine(text: string, offset: number): number {
  const at = text.slice(offset).search(/\r?\n/);
  return at < 0 ? text.length : offset + at;
}
