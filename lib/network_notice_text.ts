/** The sentences about whole networks; see notice_text.ts. */
import { durationText } from "./duration_text.ts";
import { counted, type NoticeLine, type NoticeOf, word } from "./notice_words.ts";
import { appliedText, causeText } from "./path_words.ts";

/** A network is there and can be used. */
export function networkReady({ network }: NoticeOf<"network-ready">): NoticeLine {
  const { name, interfaceName, address, prefixLength, broadcast } = network;
  return {
    level: "info",
    text: `${word(name)} is ready: ${word(interfaceName)}, ${word(address)}/${prefixLength}, ` +
      `broadcast ${word(broadcast)}`,
    fields: { network: name, interfaceName, address, prefixLength, broadcast },
  };
}

/** A network's interface is there, but carries nothing. */
export function networkUnusable({ network, reason }: NoticeOf<"network-unusable">): NoticeLine {
  return {
    level: "warning",
    text: `${word(network)} is unusable, ${word(reason)}: all its paths are down until it is back`,
    fields: { network, reason },
  };
}

/** A network was taken out of use. */
export function networkDrained({ network }: NoticeOf<"network-drained">): NoticeLine {
  return {
    level: "info",
    text: `${word(network)} is drained: its traffic goes over other networks, where there are ` +
      "any, until it is taken into use again (faild undrain)",
    fields: { network },
  };
}

/** It was taken into use again. */
export function networkUndrained({ network }: NoticeOf<"network-undrained">): NoticeLine {
  return {
    level: "info",
    text: `${word(network)} is drained no longer: its traffic returns as its paths prove good`,
    fields: { network },
  };
}

/** Our address on a network is gone. */
export function networkGone({ network, address }: NoticeOf<"network-gone">): NoticeLine {
  return {
    level: "warning",
    text: `${word(network)} is gone, no interface for it has ${word(address)}: ` +
      "used again as soon as it is back",
    fields: { network, address },
  };
}

/** A network that was asked for cannot be had. */
export function networkProblem({ problem }: NoticeOf<"network-problem">): NoticeLine {
  const { name, reason } = problem;
  return {
    level: "warning",
    text: `${word(name)} cannot be used, ${word(reason)}: it is tried again`,
    fields: { network: name, reason },
  };
}

/** There is nothing to work on. */
export function noNetwork(): NoticeLine {
  return {
    level: "warning",
    text:
      "No network to work on: waiting for an interface that is up and has an IPv4 address and " +
      "a broadcast address",
    fields: {},
  };
}

/** All peers of a network were lost together: one line for the one fault. */
export function networkSilent(notice: NoticeOf<"network-silent">): NoticeLine {
  const { network, peers, cause, moved, stayed, refused, tookMs } = notice;
  const blame = cause.kind === "own-network"
    ? causeText(cause)
    : `rather its fault than theirs; of the first: ${causeText(cause)}`;
  const did = tally([
    [moved, `${counted(moved, "route")} moved to other networks, ${appliedText(tookMs)}`],
    [stayed, `${stayed} unmoved for want of another network`],
    [refused, `${refused} refused by the kernel and tried again`],
  ]);
  return {
    level: refused > 0 ? "error" : "warning",
    text: `${word(network)} is silent, all its ${counted(peers, "peer")} went down together: ` +
      `${blame}; ${did}`,
    fields: { network, peers, cause, moved, stayed, refused, tookMs },
  };
}

/** All peers of a network are back together. */
export function networkHeard(notice: NoticeOf<"network-heard">): NoticeLine {
  const { network, peers, restored, held, refused, downMs, tookMs } = notice;
  const did = tally([
    [restored, `${counted(restored, "route")} restored, ${appliedText(tookMs)}`],
    [held, `${held} held elsewhere (faild status says why, faild failback calls them back)`],
    [refused, `${refused} refused by the kernel and tried again`],
  ]);
  return {
    level: refused > 0 ? "error" : "info",
    text: `${word(network)} is heard again, all its ${counted(peers, "peer")} are up, ` +
      `was silent ${durationText(downMs)}; ${did}`,
    fields: { network, peers, restored, held, refused, downMs, tookMs },
  };
}

/** What was done, without what was done to none. */
function tally(parts: readonly (readonly [number, string])[]): string {
  const said = parts.filter(([count]) => count > 0).map(([_, text]) => text);
  return said.length === 0 ? "no route changes" : said.join("; ");
}
