/** The networks A and B of a bench by other names. */
import type { Event, NetworkName, Settings } from "../../lib/core/types.ts";
import { networkOf, networksOf } from "./builders.ts";

/** The rules by which A and B go by these names. */
export function rulesNamed(a: NetworkName, b: NetworkName): Settings["networks"] {
  return [{ name: a, interfaceName: "eth1" }, { name: b, interfaceName: "eth2" }];
}

/** What the host reports when A and B go by these names. */
export function networksNamed(a: NetworkName, b: NetworkName): Event {
  return networksOf(networkOf("A", { name: a }), networkOf("B", { name: b }));
}
