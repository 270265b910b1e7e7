/** Numbers with their nouns, and lists of bounded length. */

/** "1 inquiry", "3 inquiries"; the plural is made with an s where it is not given. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** The items with commas between them; of more than `most` the beginning, and how many more. */
export function listedUpTo<Item>(
  most: number,
  items: readonly Item[],
  say: (item: Item) => string,
): string {
  const said = items.slice(0, most).map(say).join(", ");
  const more = items.length - most;
  return more > 0 ? `${said} and ${more} more` : said;
}
