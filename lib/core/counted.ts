/** Numbers with their nouns. */

/** "1 inquiry", "3 inquiries"; the plural is made with an s where it is not given. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
