/** What is offered comes from `may` alone; one act is the next one; phones can be dialled. */
import { describe, expect, it } from "vitest";
import type { Case, Order, Request } from "../src/api";
import { actsOf, CASE_ACTS, decided, decision, GRAVE, grouped, nextAct, offered, ORDER_ACTS, RARE_ACTS } from "../src/may";
import { dial } from "../src/Orders";

const order = (id: string, because: string | null = null): Order => ({ id, because: because === null ? null : { order: because, rule_zh: "", rule_en: "" } }) as Order;
const of = (may: string[], orders: Order[] = [], more: Partial<Case> = {}): Case =>
  ({ may, orders, requests: [], stage: "dispatched", reporter: null, called_back: null, relayed_to: null, confirmed: null, ...more }) as unknown as Case;
const request = (kind: Request["kind"], about: string | null): Request => ({ kind, order: about, unit: null, limit: null, reason: "", at: "", due_at: null });

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
  it("is a decision that is waited for, but voiding is never the default", () => {
    const may = ["suspend", "void", "orders/1/decide-extension"];
    expect(nextAct(of(may, [order("1")], { requests: [request("extension", "1")] }))).toEqual({ act: "decide-extension", order: "1" });
    expect(nextAct(of(may, [order("1")], { requests: [request("suspension", "1")] }))).toEqual({ act: "suspend", order: "1" });
    expect(nextAct(of(may, [], { requests: [request("voiding", null)] }))).toBeNull();
  });
  it("calls the reporter back before closing, where there is one to call", () => {
    const may = ["close", "call-back"];
    const reporter = { name_masked: "王*", phone_masked: null };
    expect(nextAct(of(may, [], { stage: "verified", reporter }))).toEqual({ act: "call-back", order: null });
    expect(nextAct(of(may, [], { stage: "verified", reporter, called_back: { tries: 1, reached: true } }))).toEqual({ act: "close", order: null });
    expect(nextAct(of(may, [], { stage: "verified" }))).toEqual({ act: "close", order: null });
    expect(nextAct(of(["close"], [], { stage: "verified", reporter }))).toEqual({ act: "close", order: null });
  });
  it("does not offer dispatching beneath an order as the next step", () => {
    expect(nextAct(of(["dispatch"], [], { stage: "filed" }))).toEqual({ act: "dispatch", order: null });
    expect(nextAct(of(["dispatch"]))).toBeNull();
  });
});

describe("dial", () => {
  it("gives a telephone what it can dial", () => {
    expect(dial("028-0000-2041")).toBe("tel:02800002041");
    expect(dial("+86 28 0000 2041")).toBe("tel:+862800002041");
  });
});

describe("groups", () => {
  it("keep the rare acts behind one more press, and what decides a request with the request", () => {
    const may = ["accept", "red-card", "void", "merge", "remind"];
    expect(grouped(of(may))).toEqual({ usual: ["accept", "remind"], rare: ["merge", "red-card", "void"] });
    expect(grouped(of(may, [], { requests: [request("voiding", null)] })).rare).toEqual(["merge", "red-card"]);
  });
  it("name every act once, and none that takes away stands first", () => {
    expect(new Set([...CASE_ACTS, ...ORDER_ACTS]).size).toBe(CASE_ACTS.length + ORDER_ACTS.length);
    expect(CASE_ACTS.slice(0, 10).filter((a) => GRAVE.includes(a))).toEqual([]);
    expect(RARE_ACTS.at(-1)).toBe("void");
  });
});

describe("a request", () => {
  const asked = request("suspension", "1");
  const c = of(["suspend"], [order("1"), order("2")], { requests: [asked] });
  it("is decided by its own act, about its own order, and only where that is allowed", () => {
    expect(decision(c, asked)).toEqual({ act: "suspend", order: "1" });
    expect(decision(of([], [order("1")], { requests: [asked] }), asked)).toBeNull();
    expect(decision(of(["orders/2/decide-objection"], []), request("objection", "1"))).toBeNull();
  });
  it("tells a suspension that was asked for from one of one's own accord", () => {
    expect(decided(c, { act: "suspend", order: "1" })).toBe(asked);
    expect(decided(c, { act: "suspend", order: null })).toBeUndefined();
    expect(offered(c, { act: "suspend", order: "2" })).toBe(false);
    expect(offered(c, { act: "suspend", order: null })).toBe(true);
  });
});
