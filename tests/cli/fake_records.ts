/** Files of lines, whole files and an HTTP server, for tests of what keeps and shows the past. */
import type { LineLoss } from "../../lib/core/line_loss.ts";
import type { FollowedFile } from "../../lib/host/followed_file.ts";
import type { MakeMetrics, MetricsListener } from "../../lib/host/metrics_listener.ts";
import type { LineFile } from "../../lib/record_keeper.ts";

export class FakeRecords {
  /** The files of lines by their paths, each line with its end. */
  readonly lines = new Map<string, string[]>();
  /** What could not be written to them. */
  readonly losses = new Map<string, LineLoss>();
  /** The paths of those that were told to settle, in order. */
  readonly settled: string[] = [];
  /** What was put into files in one step. */
  readonly written = new Map<string, string>();
  /** Why no file can be written; null: it can. */
  writeFailure: string | null = null;
  /** Why a file of lines cannot be read, by its path. */
  readonly readFailures = new Map<string, { text: string; isForbidden: boolean }>();
  /** Where the metrics are served, e.g. "127.0.0.1:9345", and what makes them. */
  readonly served = new Map<string, MakeMetrics>();
  listenFailure: string | null = null;

  boundedFile(path: string): LineFile {
    const loss = () => this.losses.get(path) ?? { lost: 0, trouble: null };
    const settle = () => void this.settled.push(path);
    return { append: (line) => void this.linesOf(path).push(line), loss, settle };
  }

  followFile(path: string): FollowedFile {
    let from = 0;
    return {
      read: () => {
        const trouble = this.readFailures.get(path) ?? null;
        const lines = this.linesOf(path).slice(from).map((line) => line.replace(/\n$/, ""));
        from += lines.length;
        return { lines, trouble };
      },
      close: () => {},
    };
  }

  replaceFile(path: string, text: string): string | null {
    if (this.writeFailure === null) this.written.set(path, text);
    return this.writeFailure;
  }

  serveMetrics(
    { hostname, port }: { readonly hostname: string; readonly port: number },
    make: MakeMetrics,
  ): MetricsListener {
    if (this.listenFailure !== null) return { failed: this.listenFailure };
    const place = `${hostname}:${port}`;
    if (this.served.has(place)) return { failed: "Address already in use" };
    this.served.set(place, make);
    const close = async () => {
      // Those who are served are waited for.
      for (let i = 0; i < 50; i++) await Promise.resolve();
      this.served.delete(place);
    };
    return { port, close };
  }

  linesOf(path: string): string[] {
    const lines = this.lines.get(path) ?? [];
    this.lines.set(path, lines);
    return lines;
  }
}
