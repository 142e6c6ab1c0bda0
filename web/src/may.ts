/**
 * Which acts the page knows, read from the server's `may`: the page offers nothing of its own. Pure.
 * One act is the next one and gets the only filled button of the view.
 */
import type { Case } from "./api";

/** Acts on the case itself, in the order of their buttons. */
export const CASE_ACTS = ["accept", "file", "dispatch", "verify", "close", "supply-info", "add-unit", "remind", "return-for-info", "refuse", "void"] as const;
/** Acts on one order, in the order of their buttons. */
export const ORDER_ACTS = ["acknowledge", "arrive", "feed-back", "acknowledge-for", "remind"] as const;

/** An act that this page can offer. */
export type Act = (typeof CASE_ACTS)[number] | (typeof ORDER_ACTS)[number];

/** Acts that take something away from the reporter: outlined in red, with a reason. */
export const GRAVE: readonly Act[] = ["refuse", "void"];

/** `add_unit` and `add-unit` are the same act: some texts name it one way, some the other. */
const plain = (name: string): string => name.replaceAll("_", "-");

/** The acts of `may` on an order, or on the case if `order` is null. */
export function actsOf(may: string[], order: string | null): Act[] {
  const names = may.map((m) => {
    const parts = m.split("/");
    if (order === null) return parts.length === 1 ? plain(m) : "";
    return parts.length === 3 && parts[0] === "orders" && parts[1] === order ? plain(parts[2] ?? "") : "";
  });
  const known: readonly Act[] = order === null ? CASE_ACTS : ORDER_ACTS;
  return known.filter((a) => names.includes(a));
}

/** An act with the order it is about. */
export interface Chosen {
  act: Act;
  order: string | null;
}

/** The next act of this viewer: a unit's own step first, then the case's; never one that takes away. */
export function nextAct(c: Case): Chosen | null {
  for (const act of ["acknowledge", "arrive", "feed-back"] as const) {
    for (const o of c.orders) if (actsOf(c.may, o.id).includes(act)) return { act, order: o.id };
  }
  const act = actsOf(c.may, null).find((a) => ["accept", "file", "dispatch", "verify", "close", "supply-info"].includes(a));
  return act ? { act, order: null } : null;
}
