/** The system's log, reached by its local socket. */
import { type UnixDatagrams, unixDatagrams } from "./unix_datagrams.ts";

/** Where a syslog daemon or the journal listens: RFC 3164 daemons' place, which the journal links to its own. */
const SYSLOG_SOCKET = "/dev/log";

/** What was logged last must leave, but a log that takes nothing must not hold up the end; ms. */
const GOODBYE_MS = 500;

/** Takes finished messages. */
export interface Syslog {
  write(message: string): void;
  /** Resolves when all that was written has left, or could not. */
  close(): Promise<void>;
}

/**
 * The way to the system's log. Nothing is opened yet, and nobody needs to listen there: messages that nobody takes are
 * dropped.
 *
 * @param runDir a folder of ours, in which a name is needed for a moment
 * @param failed told once of each trouble
 */
export function openSyslog(
  runDir: string,
  failed: (reason: string) => void,
  socket = SYSLOG_SOCKET,
): Syslog {
  const datagrams: UnixDatagrams = unixDatagrams({
    target: socket,
    ownPath: `${runDir}/syslog.sock`,
    failed,
  });
  return {
    write: (message) => datagrams.send(message),
    close: async () => {
      await datagrams.flushed(GOODBYE_MS);
      datagrams.close();
    },
  };
}
