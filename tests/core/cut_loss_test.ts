import { assertEquals } from "@std/assert";
import { Town } from "./town.ts";

Deno.test("cuts one after the other are no loss: the path is clean after each, and traffic returns after the first two at once", () => {
  for (const requestor of [true, false]) {
    for (const intervalMs of [1000, 100]) {
      const made = new Town();
      const one = made.add(1, ["A", "B"], { intervalMs });
      const two = made.add(2, ["A", "B"], { intervalMs, requestor });
      made.advance(100 * intervalMs);
      for (let count = 1; count <= 4; count++) {
        made.cuts.add("A *>*");
        made.advance(8 * intervalMs);
        assertEquals([one.kernel.routes.size, two.kernel.routes.size], [1, 1]);
        made.cuts.clear();
        made.advance(14 * intervalMs);
        for (const [host, other] of [[one, two], [two, one]] as const) {
          assertEquals(made.path(host, "A", other).loss, 0);
          assertEquals(made.told(host, "path-lossy"), []);
          if (count <= 2) assertEquals(host.kernel.routes.size, 0);
        }
      }
    }
  }
});
