/**
 * Which acts the page knows, read from the server's `may`: the page offers nothing of its own. Pure.
 * One act is the next one and gets the only filled button of the view; what is rarely wanted stands
 * in a group of its own.
 */
import type { Case, Request } from "./api";

/** Acts on the case that come up every day, in the order of their buttons. */
export const USUAL_ACTS = [
  "accept", "confirm", "file", "dispatch", "verify", "call-back", "close", "resume", "supply-info",
  "add-unit", "remind", "suspend", "relay", "set-class", "solve-on-spot", "return-for-info", "refuse",
] as const;
/** Acts on the case that are rarely wanted: they stand behind one more press. */
export const RARE_ACTS = [
  "mark-urgent", "mark-confidential", "pass-up", "pass-down", "merge", "unmerge",
  "supervise", "yellow-card", "red-card", "instruct", "reopen", "request-void", "void",
] as const;
/** Acts on one order that are steps of its way, in the order of their buttons. */
export const STEP_ACTS = ["acknowledge", "arrive", "handle", "feed-back", "acknowledge-for"] as const;
/** Acts on one order that change its way. */
export const TURN_ACTS = [
  "request-extension", "request-suspend", "object-order", "decide-objection", "decide-extension",
  "redispatch", "designate", "withdraw-order",
] as const;

/** Acts on the case itself. */
export const CASE_ACTS = [...USUAL_ACTS, ...RARE_ACTS] as const;
/** Acts on one order. */
export const ORDER_ACTS = [...STEP_ACTS, ...TURN_ACTS] as const;

/** An act that this page can offer. */
export type Act = (typeof CASE_ACTS)[number] | (typeof ORDER_ACTS)[number];

/** Acts that take something away: outlined in red, with a reason. */
export const GRAVE: readonly Act[] = ["refuse", "void", "withdraw-order"];

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

/** True if `may` names the act. A suspension that a unit asked for is decided on the case, about its order. */
export function offered(c: Case, { act, order }: Chosen): boolean {
  if (act === "suspend" && order !== null) return actsOf(c.may, null).includes(act) && c.requests.some((r) => r.kind === "suspension" && r.order === order);
  return actsOf(c.may, order).includes(act);
}

const DECIDES = { objection: "decide-objection", extension: "decide-extension", suspension: "suspend", voiding: "void" } as const;

/** The act that decides `request`, if this viewer may. */
export function decision(c: Case, request: Request): Chosen | null {
  const chosen: Chosen = { act: DECIDES[request.kind], order: request.order };
  return offered(c, chosen) ? chosen : null;
}

/** The request that an act decides; none when it is done of one's own accord. */
export function decided(c: Case, { act, order }: Chosen): Request | undefined {
  return c.requests.find((r) => DECIDES[r.kind] === act && r.order === order);
}

/** The acts on the case that stand in the first row and those behind one more press. What decides a request stands there. */
export function grouped(c: Case): { usual: Act[]; rare: Act[] } {
  const acts = actsOf(c.may, null).filter((act) => !decided(c, { act, order: null }));
  const rare: readonly Act[] = RARE_ACTS;
  return { usual: acts.filter((a) => !rare.includes(a)), rare: acts.filter((a) => rare.includes(a)) };
}

/** The next act of this viewer: a unit's own step first, then a decision that is waited for, then the case's; never one that takes away. */
export function nextAct(c: Case): Chosen | null {
  for (const act of ["acknowledge", "arrive", "feed-back"] as const) {
    for (const o of c.orders) if (actsOf(c.may, o.id).includes(act)) return { act, order: o.id };
  }
  for (const request of c.requests) {
    const chosen = decision(c, request);
    if (chosen && !GRAVE.includes(chosen.act)) return chosen;
  }
  const acts = actsOf(c.may, null);
  const toCall = c.stage === "verified" && c.reporter !== null && c.called_back === null;
  const steps: Partial<Record<Act, boolean>> = {
    confirm: c.relayed_to !== null && c.confirmed === null,
    accept: true,
    file: true,
    dispatch: c.stage === "filed",
    verify: true,
    "call-back": toCall,
    close: !(toCall && acts.includes("call-back")),
    "supply-info": true,
  };
  const act = acts.find((a) => steps[a]);
  return act ? { act, order: null } : null;
}
