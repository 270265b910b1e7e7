/**
 * Why the operating system refused something, in its own words and nothing else: without Deno's
 * "(os error 13)" and without the path, which the caller names.
 *
 * @param error what a call to Deno threw; anything that is no Error is a bug and is thrown on
 */
export function failureReason(error: unknown): string {
  if (!(error instanceof Error)) throw error;
  if (error instanceof Deno.errors.NotCapable) {
    return "This executable was built without the right to do that";
  }
  const end = error.message.indexOf(" (os error ");
  return end < 0 ? error.message : error.message.slice(0, end);
}
