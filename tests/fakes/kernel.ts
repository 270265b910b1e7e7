/**
 * A kernel to test against: it takes the lines that we write to `ip`, refuses what Linux refuses in its words, and
 * shows itself as `ip -N -j` does. A line that we have no business to write fails the test. What it claims of Linux is
 * put to the real one, case by case, by tests/netns/kernel_contract_test.ts.
 */
import { broadcastOf, contains, parseCidr, type Subnet } from "../../lib/core/address.ts";
import type { ExchangeResult, Refusal } from "../../lib/core/ip_text.ts";
import {
  type FakeLink,
  shownEverywhere,
  shownInTable,
  shownLink,
  shownRules,
} from "./ip_answers.ts";
import { type Line, parseLine, type RouteLine, type RuleLine } from "./ip_lines.ts";
import { type FakeRoute, MAIN_TABLE, type PutVerb, RouteTables } from "./route_table.ts";

const KERNEL_PROTOCOL = 2;

const FILE_EXISTS = "RTNETLINK answers: File exists";
const NO_FILE = "RTNETLINK answers: No such file or directory";
const NO_DEVICE = "RTNETLINK answers: No such device";
const NO_RIGHT = "RTNETLINK answers: Operation not permitted";
const BAD_GATEWAY = "Error: Nexthop has invalid gateway.";
const BAD_SOURCE = "Error: Invalid prefsrc address.";

/** A neighbour entry, e.g. of state "REACHABLE" or "PERMANENT". */
export interface FakeNeighbour {
  readonly address: string;
  readonly interfaceName: string;
  readonly state: string;
}

/** A host's interfaces, addresses, routes, rules and neighbours. It starts with the loopback only. */
export class FakeKernel {
  /** Whether changes are allowed, as by CAP_NET_ADMIN. */
  isPrivileged = true;
  /** All changes that were written to it, refused ones included. */
  readonly written: string[] = [];
  /** How many exchanges there were. */
  exchanges = 0;
  neighbours: FakeNeighbour[] = [];
  readonly #tables = new RouteTables();
  #links: FakeLink[] = [];
  #nextIndex = 1;
  #rules: RuleLine[] = [];
  #refusing = { left: 0, reason: "", matching: /^/ };
  #failures: string[] = [];
  #hanging: Promise<void> | null = null;

  constructor() {
    this.addLink("lo", ["LOOPBACK"]);
    this.addAddress("lo", "127.0.0.1/8");
  }

  /** Adds an interface that is up and has its carrier. */
  addLink(name: string, flags: readonly string[] = ["BROADCAST", "MULTICAST"]): void {
    const index = this.#nextIndex++;
    this.#links.push({ index, name, flags, isUp: true, hasCarrier: true, addresses: [] });
  }

  /** Removes an interface with all that hangs on it. */
  removeLink(name: string): void {
    this.#links = this.#links.filter((link) => link.name !== name);
    this.#tables.dropInterface(name);
    this.neighbours = this.neighbours.filter((each) => each.interfaceName !== name);
  }

  /** Sets an interface up or down; down takes its routes with it, in every table and without a word. */
  setUp(name: string, isUp: boolean): void {
    this.#link(name).isUp = isUp;
    if (!isUp) this.#tables.dropInterface(name);
  }

  /** Plugs the cable in or out; the routes stay. */
  setCarrier(name: string, hasCarrier: boolean): void {
    this.#link(name).hasCarrier = hasCarrier;
  }

  /** Adds an address, e.g. "192.168.1.1/24". */
  addAddress(name: string, cidr: string): void {
    this.#link(name).addresses.push(cidr);
  }

  /** Removes an address; the last one takes the interface's routes with it. */
  removeAddress(name: string, cidr: string): void {
    const link = this.#link(name);
    link.addresses = link.addresses.filter((each) => each !== cidr);
    if (link.addresses.length === 0) this.#tables.dropInterface(name);
  }

  /** Carries out a line that somebody else wrote. Throws if Linux would refuse it. */
  admin(line: string): void {
    const reason = this.#change(parseLine(line));
    if (reason !== null) throw new Error(`Cannot carry out ${line}: ${reason}`);
  }

  /** Refuses the next so many changes, of those that match. */
  refuseNext(count: number, reason: string, matching = /^/): void {
    this.#refusing = { left: count, reason, matching };
  }

  /** Lets the next exchange fail before it does anything, as when `ip` dies. */
  failNext(reason: string): void {
    this.#failures.push(reason);
  }

  /** Lets exchanges wait, undone, until the returned function is called. */
  hang(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#hanging = promise;
    return () => {
      this.#hanging = null;
      resolve();
    };
  }

  /** Carries out changes, then answers shows. A property, so that it can be handed on. */
  readonly exchange = async (
    changes: readonly string[],
    shows: readonly string[],
  ): Promise<ExchangeResult> => {
    this.exchanges += 1;
    await this.#hanging;
    const failure = this.#failures.shift();
    if (failure !== undefined) return { kind: "failed", reason: failure };
    const refused: Refusal[] = [];
    for (const [index, line] of changes.entries()) {
      this.written.push(line);
      const parsed = parseLine(line);
      const reason = this.#injected(line) ?? (this.isPrivileged ? this.#change(parsed) : NO_RIGHT);
      if (reason !== null) refused.push({ line: index, reason });
    }
    const shown = shows.map((line) => JSON.stringify(this.#show(parseLine(line))));
    return { kind: "done", shown, refused };
  };

  #injected(line: string): string | null {
    const refusing = this.#refusing;
    if (refusing.left === 0 || !refusing.matching.test(line)) return null;
    refusing.left -= 1;
    return refusing.reason;
  }

  /** Carries a change out; why it is refused, or null. */
  #change(line: Line): string | null {
    switch (line.kind) {
      case "rule":
        return line.verb === "add" ? this.#addRule(line.rule) : this.#deleteRule(line.rule);
      case "route":
        return line.verb === "del"
          ? this.#missing(line.route.interfaceName) ?? this.#tables.delete(line.route)
          : this.#putRoute(line.verb, line.route);
      case "neigh-flush":
        return this.#missing(line.interfaceName) ?? this.#flush(line.subnet, line.interfaceName);
      default:
        throw new Error(`The fake kernel takes no ${line.kind} for a change`);
    }
  }

  #show(line: Line): unknown[] {
    const listed = () => this.#tables.listed(this.#connectedRoutes());
    switch (line.kind) {
      case "show-rules":
        return shownRules(this.#rules);
      case "show-links":
        return this.#links.map(shownLink);
      case "show-table":
        return listed().filter((each) => each.table === line.table)
          .map((each) => shownInTable(each, this.#link(each.interfaceName)));
      case "show-protocol":
        return listed().filter((each) => each.protocol === line.protocol)
          .map((each) => shownEverywhere(each, this.#link(each.interfaceName)));
      default:
        throw new Error(`The fake kernel takes no ${line.kind} for a show`);
    }
  }

  #addRule(rule: RuleLine): string | null {
    // Linux does not compare whether the selectors are inverted.
    const key = (each: RuleLine) => JSON.stringify({ ...each, inverted: null });
    if (this.#rules.some((each) => key(each) === key(rule))) return FILE_EXISTS;
    const after = this.#rules.findIndex((each) => each.priority > rule.priority);
    this.#rules.splice(after < 0 ? this.#rules.length : after, 0, rule);
    return null;
  }

  #deleteRule(rule: RuleLine): string | null {
    const index = this.#rules.findIndex((each) =>
      each.priority === rule.priority && each.table === rule.table &&
      each.protocol === rule.protocol && (!rule.udp || each.udp) &&
      (rule.port === null || each.port === rule.port)
    );
    if (index < 0) return NO_FILE;
    this.#rules.splice(index, 1);
    return null;
  }

  #putRoute(verb: PutVerb, line: RouteLine): string | null {
    const { interfaceName, gateway, source } = line;
    if (interfaceName === null) return NO_DEVICE;
    const missing = this.#missing(interfaceName);
    if (missing !== null) return missing;
    if (gateway !== null && !isOnLink(this.#link(interfaceName), gateway)) return BAD_GATEWAY;
    if (source !== null && !this.#isLocal(source)) return BAD_SOURCE;
    return this.#tables.put(verb, { ...line, interfaceName });
  }

  #flush(subnet: Subnet, interfaceName: string): null {
    this.neighbours = this.neighbours.filter((each) =>
      each.interfaceName !== interfaceName || !contains(subnet, each.address) ||
      each.state === "PERMANENT" || each.state === "NOARP"
    );
    return null;
  }

  /** The routes that come with the addresses. */
  #connectedRoutes(): FakeRoute[] {
    const lans = this.#links.filter(({ isUp, flags }) => isUp && !flags.includes("LOOPBACK"));
    return lans.flatMap(({ name, addresses }) =>
      addresses.map((cidr) => ({
        destination: `${parseCidr(cidr)?.network}/${cidr.split("/")[1]}`,
        gateway: null,
        interfaceName: name,
        source: hostOf(cidr),
        tos: null,
        metric: null,
        table: MAIN_TABLE,
        protocol: KERNEL_PROTOCOL,
      }))
    );
  }

  #link(name: string): FakeLink {
    const link = this.#links.find((each) => each.name === name);
    if (link === undefined) throw new Error(`The fake kernel has no interface ${name}`);
    return link;
  }

  #missing(interfaceName: string | null): string | null {
    const isThere = interfaceName === null ||
      this.#links.some((each) => each.name === interfaceName);
    return isThere ? null : `Cannot find device "${interfaceName}"`;
  }

  #isLocal(address: string): boolean {
    return this.#links.some((link) => link.addresses.some((cidr) => hostOf(cidr) === address));
  }
}

function hostOf(cidr: string): string {
  return cidr.split("/")[0] ?? "";
}

/** Whether a gateway is a neighbour on the interface, or is this host itself, which Linux allows. */
function isOnLink(link: FakeLink, gateway: string): boolean {
  return link.isUp && link.addresses.some((cidr) => {
    const subnet = parseCidr(cidr);
    const broadcast = subnet === null ? null : broadcastOf(subnet.network, subnet.prefixLength);
    return subnet !== null && contains(subnet, gateway) && gateway !== broadcast;
  });
}
