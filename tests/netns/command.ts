/** Running programs from argument arrays, with their errors as errors. */

/** What a program that has ended left behind. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a program may be given besides its arguments. */
export interface RunOptions {
  /** Written to its standard input, which is then closed. */
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end; a failure of its own is a value. Throws when it cannot be started. */
export async function attempt(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const [program, ...args] = argv;
  if (program === undefined) throw new Error("Cannot run a program: the argument list is empty");
  const child = new Deno.Command(program, {
    args,
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    ...(options.env === undefined ? {} : { env: options.env }),
  }).spawn();
  const output = child.output();
  if (options.stdin !== undefined) {
    const writer = child.stdin.getWriter();
    // A program that ends early closes the pipe; its exit code says more than the broken pipe does.
    await writer.write(new TextEncoder().encode(options.stdin)).catch(() => {});
    await writer.close().catch(() => {});
  }
  const { code, stdout, stderr } = await output;
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Runs a program to its end and gives its standard output. Throws, with its words, unless it exits 0. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await attempt(argv, options);
  if (code !== 0) throw new Error(`Cannot run ${argv.join(" ")}: exit ${code}: ${stderr.trim()}`);
  return stdout;
}

/** Feeds lines to one `ip -batch -`, in a namespace or in the one we are in. Throws at the first refusal. */
export async function ipBatch(namespace: string | null, lines: readonly string[]): Promise<void> {
  const where = namespace === null ? [] : ["-n", namespace];
  await run(["ip", ...where, "-batch", "-"], { stdin: lines.join("\n") + "\n" });
}
