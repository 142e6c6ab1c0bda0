/** What is offered comes from `may` alone; one act is the next one; lanes keep cause and effect together; phones can be dialled. */
import { describe, expect, it } from "vitest";
import type { Case, Order } from "../src/api";
import { actsOf, nextAct } from "../src/may";
import { arranged, dial } from "../src/Orders";

const order = (id: string, because: string | null = null): Order => ({ id, because: because === null ? null : { order: because, rule_zh: "", rule_en: "" } }) as Order;
const of = (may: string[], orders: Order[] = []): Case => ({ may, orders }) as unknown as Case;

describe("actsOf", () => {
  it("splits acts on the case from acts on an order, both spellings, in the order of the buttons", () => {
    const may = ["void", "add_unit", "accept", "orders/1/feed_back", "orders/1/acknowledge", "orders/2/arrive", "unheard_of", "orders/1/unheard_of"];
    expect(actsOf(may, null)).toEqual(["accept", "add-unit", "void"]);
    expect(actsOf(may, "1")).toEqual(["acknowledge", "feed-back"]);
    expect(actsOf(may, "3")).toEqual([]);
  });
});

describe("nextAct", () => {
  it("is a unit's own step before the case's, and never one that takes away", () => {
    expect(nextAct(of(["accept", "orders/1/arrive"], [order("1")]))).toEqual({ act: "arrive", order: "1" });
    expect(nextAct(of(["void", "file"]))).toEqual({ act: "file", order: null });
    expect(nextAct(of(["void", "refuse", "remind"]))).toBeNull();
    expect(nextAct(of(["orders/1/acknowledge_for"], [order("1")]))).toBeNull();
  });
});

describe("dial", () => {
  it("gives a telephone what it can dial", () => {
    expect(dial("028-0000-2041")).toBe("tel:02800002041");
    expect(dial("+86 28 0000 2041")).toBe("tel:+862800002041");
  });
});

describe("arranged", () => {
  it("puts an added unit below the one it was added for, and loses none", () => {
    expect(arranged([order("1"), order("2"), order("3", "1"), order("4", "3"), order("5", "gone")]).map((o) => o.id)).toEqual(["1", "3", "4", "2", "5"]);
  });
  it("ends even if causes go in a circle", () => {
    expect(arranged([order("1", "2"), order("2", "1")]).map((o) => o.id).sort()).toEqual(["1", "2"]);
  });
});
