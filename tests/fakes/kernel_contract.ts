/**
 * What the tests rely on of a kernel, as transcripts: a line that is written, and what comes back. They are played to
 * the fake and to the real one.
 *
 * At the start of each: ethA with 192.168.1.1/24 and ethB with 192.168.2.1/24, up and with carrier, no neighbours, no
 * rule and no route but those that are always there.
 */
import { assertEquals } from "@std/assert";
import { type Link, parseLinks } from "../../lib/core/ip_json.ts";
import type { ExchangeResult } from "../../lib/core/ip_text.ts";

/** A kernel, real or fake, and what can happen to its host. */
export interface Host {
  exchange(changes: readonly string[], shows: readonly string[]): Promise<ExchangeResult>;
  setUp(name: string, isUp: boolean): void | Promise<void>;
  /** Returns when the kernel knows it. */
  setCarrier(name: string, hasCarrier: boolean): void | Promise<void>;
  addAddress(name: string, cidr: string): void | Promise<void>;
  removeAddress(name: string, cidr: string): void | Promise<void>;
  removeLink(name: string): void | Promise<void>;
  /** Adds an entry for a neighbour on ethA in the state "REACHABLE" or "PERMANENT". */
  addNeighbour(address: string, state: string): void | Promise<void>;
  /** The neighbours on ethA, in any order. */
  neighbours(): string[] | Promise<string[]>;
}

/** One case. */
export interface ContractCase {
  readonly title: string;
  play(host: Host): Promise<void>;
}

const RULE = "pref 3245 not ipproto 17 dport 32453 lookup 245 protocol 245";
const ROUTE = "192.168.1.2/32 via 192.168.2.2 dev ethB src 192.168.1.1 table 245 proto 245";
const ROUTE_JSON =
  `{"dst":"192.168.1.2","gateway":"192.168.2.2","dev":"ethB","protocol":"245","prefsrc":"192.168.1.1","flags":[]}`;
const RULES_BEFORE = `{"priority":0,"src":"all","table":"255"}`;
const RULES_AFTER =
  `{"priority":32766,"src":"all","table":"254"},{"priority":32767,"src":"all","table":"253"}`;
const RULE_JSON =
  `{"priority":3245,"not":null,"src":"all","ipproto":"ipproto-17","dport":32453,"table":"245","protocol":"245"}`;

const FILE_EXISTS = "RTNETLINK answers: File exists";
const BAD_GATEWAY = "Error: Nexthop has invalid gateway.";

/** Writes a change that must be carried out. */
async function takes(host: Host, change: string): Promise<void> {
  assertEquals(await host.exchange([change], []), { kind: "done", shown: [], refused: [] });
}

/** Writes a change that must be refused in these words. */
async function refuses(host: Host, change: string, reason: string): Promise<void> {
  const refused = [{ line: 0, reason }];
  assertEquals(await host.exchange([change], []), { kind: "done", shown: [], refused });
}

/** Asks for something that must be answered by these entries. */
async function shows(host: Host, show: string, entries: readonly string[]): Promise<void> {
  const shown = [`[${entries.join(",")}]`];
  assertEquals(await host.exchange([], [show]), { kind: "done", shown, refused: [] });
}

async function showsRules(host: Host, ours: readonly string[]): Promise<void> {
  await shows(host, "rule show", [RULES_BEFORE, ...ours, RULES_AFTER]);
}

/** The interfaces with their IPv4 addresses; numbers and hardware differ from host to host. */
async function linksOf(host: Host): Promise<Omit<Link, "index">[]> {
  const result = await host.exchange([], ["addr show"]);
  if (result.kind !== "done") throw new Error(result.reason);
  const links = parseLinks(result.shown[0] ?? "");
  if (links.kind !== "value") throw new Error(links.reason);
  return links.value.map(({ name, flags, addresses }) => ({
    name,
    flags: [...flags].sort(),
    addresses: addresses.filter(({ address }) => !address.includes(":")),
  }));
}

const RULE_CASES: ContractCase[] = [
  {
    title: "a rule is added once, shown, and deleted once",
    async play(host) {
      await showsRules(host, []);
      await takes(host, `rule add ${RULE}`);
      await refuses(host, `rule add ${RULE}`, FILE_EXISTS);
      await showsRules(host, [RULE_JSON]);
      await takes(host, `rule del ${RULE}`);
      await refuses(host, `rule del ${RULE}`, "RTNETLINK answers: No such file or directory");
      await showsRules(host, []);
    },
  },
  {
    title: "a rule with another protocol number or port is another rule",
    async play(host) {
      await takes(host, `rule add ${RULE}`);
      await takes(host, "rule add pref 3245 not ipproto 17 dport 32453 lookup 245 protocol 99");
      await takes(host, "rule add pref 3245 not ipproto 17 dport 4000 lookup 245 protocol 245");
      await takes(host, `rule del ${RULE}`);
      await showsRules(host, [
        RULE_JSON.replace(`"protocol":"245"`, `"protocol":"99"`),
        RULE_JSON.replace("32453", "4000"),
      ]);
    },
  },
  {
    title: "a rule is deleted by what is named of it",
    async play(host) {
      await takes(host, `rule add ${RULE}`);
      await takes(host, "rule add pref 99 lookup 77 protocol 245");
      await showsRules(host, [
        `{"priority":99,"src":"all","table":"77","protocol":"245"}`,
        RULE_JSON,
      ]);
      await takes(host, "rule del pref 99 lookup 77 protocol 245");
      await takes(host, "rule del pref 3245 lookup 245 protocol 245");
      await showsRules(host, []);
    },
  },
];

const ROUTE_CASES: ContractCase[] = [
  {
    title: "a host route is added, replaced, shown and deleted",
    async play(host) {
      await shows(host, "route show table 245", []);
      await takes(host, `route add ${ROUTE}`);
      await shows(host, "route show table 245", [ROUTE_JSON]);
      await takes(host, `route replace ${ROUTE}`);
      await takes(
        host,
        "route replace 192.168.1.2/32 via 192.168.2.9 dev ethB table 245 proto 245",
      );
      await shows(host, "route show table 245", [
        `{"dst":"192.168.1.2","gateway":"192.168.2.9","dev":"ethB","protocol":"245","flags":[]}`,
      ]);
      await takes(host, "route del 192.168.1.2/32 table 245 proto 245");
      await shows(host, "route show table 245", []);
    },
  },
  {
    title: "a route is not added where one stands, nor deleted where none of this protocol does",
    async play(host) {
      const others = "192.168.1.2/32 via 192.168.2.7 dev ethB table 245";
      await refuses(
        host,
        "route del 192.168.1.2/32 table 245 proto 245",
        "Error: FIB table does not exist.",
      );
      await takes(host, `route add ${others}`);
      await refuses(host, `route add ${ROUTE}`, FILE_EXISTS);
      await refuses(
        host,
        "route del 192.168.1.2/32 table 245 proto 245",
        "RTNETLINK answers: No such process",
      );
      await shows(host, "route show table 245", [
        `{"dst":"192.168.1.2","gateway":"192.168.2.7","dev":"ethB","flags":[]}`,
      ]);
    },
  },
  {
    title: "a gateway must be a neighbour on the interface it is behind",
    async play(host) {
      const via = (gateway: string, dev: string) =>
        `route add 192.168.1.2/32 via ${gateway} dev ${dev} table 245 proto 245`;
      await refuses(host, via("192.168.2.2", "ethA"), BAD_GATEWAY);
      await refuses(host, via("10.1.2.3", "ethB"), BAD_GATEWAY);
      await refuses(host, via("192.168.2.255", "ethB"), BAD_GATEWAY);
      await refuses(host, via("192.168.2.2", "lo"), BAD_GATEWAY);
      await refuses(host, via("192.168.2.2", "ethX"), `Cannot find device "ethX"`);
      await takes(host, via("192.168.2.1", "ethB"));
    },
  },
  {
    title: "a source must be an address of this host, even if its interface is down",
    async play(host) {
      const from = (source: string) =>
        `route add 192.168.1.2/32 via 192.168.2.2 dev ethB src ${source} table 245 proto 245`;
      await refuses(host, from("192.168.1.9"), "Error: Invalid prefsrc address.");
      await host.setUp("ethA", false);
      await takes(host, from("192.168.1.1"));
    },
  },
  {
    title: "a route by our protocol number is found in every table",
    async play(host) {
      await takes(host, `route add ${ROUTE}`);
      await takes(host, "route add 10.9.9.9/32 via 192.168.2.2 dev ethB table 99 proto 245");
      await takes(host, "route add 10.9.9.8/32 via 192.168.2.2 dev ethB table 99 proto 4");
      const elsewhere = `"gateway":"192.168.2.2","dev":"ethB","table":`;
      const found = await host.exchange([], ["route show table all proto 245"]);
      if (found.kind !== "done") throw new Error(found.reason);
      // Linux lists its tables in an order of its own.
      const entries = JSON.parse(found.shown[0] ?? "") as unknown[];
      assertEquals(
        new Set(entries.map((each) => JSON.stringify(each))),
        new Set([
          `{"dst":"192.168.1.2",${elsewhere}"245","prefsrc":"192.168.1.1","flags":[]}`,
          `{"dst":"10.9.9.9",${elsewhere}"99","flags":[]}`,
        ]),
      );
    },
  },
  {
    title: "routes of other shapes are listed in order and deleted by what is named of them",
    async play(host) {
      const rest = "via 192.168.2.2 dev ethB";
      await takes(host, `route add 10.0.0.0/8 ${rest} table 245 proto 245`);
      await takes(host, `route add 10.0.0.0/8 ${rest} metric 7 table 245 proto 245`);
      await takes(host, `route add 10.0.0.0/8 ${rest} tos 0x10 table 245 proto 245`);
      await takes(host, `route add 10.0.0.0/16 ${rest} table 245 proto 245`);
      await takes(host, `route add default ${rest} table 245 proto 245`);
      await takes(host, "route append default via 192.168.2.3 dev ethB table 245 proto 245");
      await refuses(host, `route append default ${rest} table 245 proto 245`, FILE_EXISTS);
      const shown = `"gateway":"192.168.2.2","dev":"ethB","protocol":"245"`;
      await shows(host, "route show table 245", [
        `{"dst":"default",${shown},"flags":[]}`,
        `{"dst":"default",${shown.replace("2.2", "2.3")},"flags":[]}`,
        `{"dst":"10.0.0.0/16",${shown},"flags":[]}`,
        `{"dst":"10.0.0.0/8","tos":"0x10",${shown},"flags":[]}`,
        `{"dst":"10.0.0.0/8",${shown},"flags":[]}`,
        `{"dst":"10.0.0.0/8",${shown},"metric":7,"flags":[]}`,
      ]);
      await takes(host, `route del default via 192.168.2.3 dev ethB table 245 proto 245`);
      await takes(host, `route del 10.0.0.0/8 ${rest} tos 0x10 table 245 proto 245`);
      await takes(host, `route del 10.0.0.0/8 ${rest} metric 7 table 245 proto 245`);
      await takes(host, "route del 10.0.0.0/16 table 245 proto 245");
      await shows(host, "route show table 245", [
        `{"dst":"default",${shown},"flags":[]}`,
        `{"dst":"10.0.0.0/8",${shown},"flags":[]}`,
      ]);
    },
  },
];

const HOST_CASES: ContractCase[] = [
  {
    title: "an interface set down loses its routes, which do not come back, and takes no new ones",
    async play(host) {
      await takes(host, `route add ${ROUTE}`);
      await host.setUp("ethB", false);
      await shows(host, "route show table 245", []);
      await refuses(host, `route add ${ROUTE}`, BAD_GATEWAY);
      await host.setUp("ethB", true);
      await shows(host, "route show table 245", []);
      await takes(host, `route add ${ROUTE}`);
    },
  },
  {
    title: "an interface without carrier keeps its routes, marked, and takes new ones",
    async play(host) {
      await takes(host, `route add ${ROUTE}`);
      await host.setCarrier("ethB", false);
      const marked = ROUTE_JSON.replace(`"flags":[]`, `"flags":["linkdown"]`);
      await shows(host, "route show table 245", [marked]);
      await takes(host, `route replace ${ROUTE}`);
      await host.setCarrier("ethB", true);
      await shows(host, "route show table 245", [ROUTE_JSON]);
    },
  },
  {
    title: "the last address of an interface takes the routes over it away, another one does not",
    async play(host) {
      await takes(host, `route add ${ROUTE}`);
      await host.addAddress("ethB", "10.7.0.1/24");
      await host.removeAddress("ethB", "192.168.2.1/24");
      await shows(host, "route show table 245", [ROUTE_JSON]);
      await refuses(host, `route replace ${ROUTE}`, BAD_GATEWAY);
      await host.removeAddress("ethB", "10.7.0.1/24");
      await shows(host, "route show table 245", []);
    },
  },
  {
    title: "a route whose source address is gone stays, and cannot be made anew",
    async play(host) {
      await takes(host, `route add ${ROUTE}`);
      await host.removeAddress("ethA", "192.168.1.1/24");
      await shows(host, "route show table 245", [ROUTE_JSON]);
      await refuses(host, `route replace ${ROUTE}`, "Error: Invalid prefsrc address.");
    },
  },
  {
    title: "an interface that is removed takes its routes with it",
    async play(host) {
      await takes(host, `route add ${ROUTE}`);
      await host.removeLink("ethB");
      await shows(host, "route show table 245", []);
      // In which words depends on what `ip` remembers of the interface.
      const result = await host.exchange([`route add ${ROUTE}`], []);
      assertEquals(result.kind === "done" && result.refused.length, 1);
    },
  },
  {
    title: "interfaces are shown with their state and their addresses",
    async play(host) {
      await host.addAddress("ethA", "192.168.1.99/24");
      await host.addAddress("ethA", "10.7.0.1/30");
      await host.setCarrier("ethA", false);
      await host.setUp("ethB", false);
      const address = { secondary: false, scope: 0, prefixLength: 24 };
      assertEquals(await linksOf(host), [
        {
          name: "lo",
          flags: ["LOOPBACK", "LOWER_UP", "UP"],
          addresses: [{ address: "127.0.0.1", prefixLength: 8, secondary: false, scope: 254 }],
        },
        {
          name: "ethA",
          flags: ["BROADCAST", "MULTICAST", "NO-CARRIER", "UP"],
          addresses: [
            { ...address, address: "192.168.1.1", broadcast: "192.168.1.255" },
            { ...address, address: "10.7.0.1", broadcast: "10.7.0.3", prefixLength: 30 },
            { ...address, address: "192.168.1.99", broadcast: "192.168.1.255", secondary: true },
          ],
        },
        {
          name: "ethB",
          flags: ["BROADCAST", "MULTICAST"],
          addresses: [{ ...address, address: "192.168.2.1", broadcast: "192.168.2.255" }],
        },
      ]);
    },
  },
  {
    title: "a flush of neighbours drops those of the subnet, but no permanent one",
    async play(host) {
      await host.addNeighbour("192.168.1.2", "REACHABLE");
      await host.addNeighbour("192.168.1.3", "PERMANENT");
      await host.addNeighbour("192.168.1.7", "REACHABLE");
      await takes(host, "neigh flush to 192.168.1.2/31 dev ethA");
      assertEquals(new Set(await host.neighbours()), new Set(["192.168.1.3", "192.168.1.7"]));
      await takes(host, "neigh flush to 192.168.1.2/31 dev ethA");
      await refuses(host, "neigh flush to 192.168.1.2/31 dev ethX", `Cannot find device "ethX"`);
    },
  },
  {
    title: "one exchange carries out what can be, and tells by its line what cannot",
    async play(host) {
      const changes = [
        `rule add ${RULE}`,
        "route add 192.168.1.2/32 via 10.0.0.1 dev ethB table 245 proto 245",
        `rule add ${RULE}`,
        `route add ${ROUTE}`,
      ];
      assertEquals(await host.exchange(changes, ["rule show", "route show table 245"]), {
        kind: "done",
        shown: [`[${RULES_BEFORE},${RULE_JSON},${RULES_AFTER}]`, `[${ROUTE_JSON}]`],
        refused: [{ line: 1, reason: BAD_GATEWAY }, { line: 2, reason: FILE_EXISTS }],
      });
    },
  },
];

/** All cases. */
export const CONTRACT: readonly ContractCase[] = [...RULE_CASES, ...ROUTE_CASES, ...HOST_CASES];
