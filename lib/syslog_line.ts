/** Lines of the log as the system's own log takes them: syslog datagrams, and lines that the journal reads. */
import type { LogLevel } from "./config/options.ts";
import { escapeUnprintable, localTime, type LogRecord } from "./log_line.ts";

/** RFC 5424, section 6.2.1: "system daemons". */
const FACILITY = 3;
const VERSION = 1;
/** RFC 5424, section 6.2.1. */
const SEVERITY: Readonly<Record<LogLevel, number>> = { error: 3, warning: 4, info: 6, debug: 7 };
/** Section 6: the lengths of the fields of the header. */
const MOST_HOST_NAME = 255;
const MOST_MESSAGE_ID = 32;
/** Section 6.1: what every receiver should be able to take, in bytes. */
const MOST_BYTES = 2048;
const NOTHING = "-";

/** The level of a line that `textLine` or `jsonLine` made. */
const LEVEL_IN_LINE = /^(?:[^ {\n]+ |\{"time":"[^"\n]*","level":")(debug|info|warning|error)\b/gm;

/** Who logs. */
export interface SyslogSender {
  readonly hostname: string;
  readonly pid: number;
}

/**
 * A record as an RFC 5424 message: `<28>1 2026-11-22T10:33:42.123+01:00 host1 faild 4711 path-down - node2 is …`. The
 * event is its MSGID. A message that is too long is cut, never within a character.
 *
 * @param wallMs milliseconds since 1970
 */
export function syslogMessage(record: LogRecord, wallMs: number, sender: SyslogSender): string {
  const priority = FACILITY * 8 + SEVERITY[record.level];
  const header = [
    `<${priority}>${VERSION}`,
    localTime(wallMs),
    headerWord(sender.hostname, MOST_HOST_NAME),
    "faild",
    String(sender.pid),
    headerWord(record.event, MOST_MESSAGE_ID),
    NOTHING,
  ];
  return cut(`${header.join(" ")} ${escapeUnprintable(record.text)}`, MOST_BYTES);
}

/**
 * Lines with the level in front of each, `<4>2026-…`: what the journal reads from a service's standard error, and takes
 * away again.
 *
 * @param lines one or more whole lines, as `textLine` or `jsonLine` makes them, without colours
 */
export function journalLines(lines: string): string {
  return lines.replace(LEVEL_IN_LINE, (line, level: LogLevel) => `<${SEVERITY[level]}>${line}`);
}

/** A field of the header may hold visible ASCII only; "-" stands for none. */
function headerWord(text: string, most: number): string {
  return text.replace(/[^\x21-\x7e]/g, "").slice(0, most) || NOTHING;
}

function cut(text: string, mostBytes: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(mostBytes));
  return text.slice(0, read);
}
