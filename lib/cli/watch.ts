/** `faild status --watch`: live on a terminal, elsewhere one look after the other. */
import { localTime } from "../log_line.ts";
import { complain } from "./complain.ts";
import type { Host } from "./host.ts";
import { statusJson } from "./status_data.ts";
import { statusText } from "./status_text.ts";
import { LiveView } from "./watch_live.ts";
import { type Looked, troubleOf, WatchPoll, type WatchTask } from "./watch_poll.ts";

/** Terminals that know no cursor; those that say nothing of themselves may be like that too. */
const DUMB = ["", "dumb"];

/** Shows the state until a key or a signal ends it, or nobody reads it any more. */
export async function watchStatus(task: WatchTask, host: Host): Promise<void> {
  const isLive = !task.isJson && host.isTerminal() &&
    !DUMB.includes(host.environment("TERM") ?? "");
  if (isLive) await new LiveView(task, host).run();
  else await printLooks(task, host);
}

async function printLooks({ runDir, first, isJson }: WatchTask, host: Host): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  host.listenForSignals({ stop: end, reload: end, dumpState: () => {}, failback: () => {} });
  let before: string | null = null;
  const print = (looked: Looked) => {
    const trouble = troubleOf(looked);
    // Once per trouble: a program that reads the lines has no use for it in each.
    if (isJson && trouble !== null && trouble !== before) complain(host, trouble);
    before = trouble;
    const text = isJson ? jsonOf(looked) : textOf(looked, trouble, host.wallNow());
    if (text !== "" && !host.emit(text)) end();
  };
  print(first);
  const poll = new WatchPoll(host, runDir, first, print);
  await promise;
  poll.stop();
}

function jsonOf(looked: Looked): string {
  return "kind" in looked ? "" : `${JSON.stringify(statusJson(looked))}\n`;
}

function textOf(looked: Looked, trouble: string | null, wallMs: number): string {
  const text = "kind" in looked ? `${trouble}\n` : statusText(looked, { coloured: false });
  return `${localTime(wallMs)}\n${text}\n`;
}
