/**
 * The forms against the API's own document: every act on a case or an order has a form, its fields are
 * those of the body, needed where the body needs them, no longer than it takes, and all words are there.
 */
import { describe, expect, it } from "vitest";
import written from "../../docs/openapi.json?raw";
import { bodyOf } from "../src/ActForm";
import type { Case, Order, Request } from "../src/api";
import { en } from "../src/en";
import { caseMeant, FIELDS, fieldsOf, isLimit, LOCATED } from "../src/forms";
import { type Act, CASE_ACTS, type Chosen, ORDER_ACTS } from "../src/may";
import type { Draft } from "../src/model";
import { actPath } from "../src/useSubmit";
import { zh } from "../src/zh";

interface Property { type?: string | string[]; maxLength?: number; format?: string }
interface Schema { properties?: Record<string, Property>; required?: string[] }
interface Document {
  paths: Record<string, Record<string, { requestBody?: { content: Record<string, { schema: { $ref: string } }> } }>>;
  components: { schemas: Record<string, Schema> };
}
const api = JSON.parse(written) as Document;

const posted = (path: RegExp): [string, Schema][] =>
  Object.entries(api.paths).flatMap(([p, methods]): [string, Schema][] => {
    const act = path.exec(p)?.[1];
    const ref = methods["post"]?.requestBody?.content["application/json"]?.schema.$ref;
    return act && ref ? [[act, api.components.schemas[ref.split("/").at(-1) ?? ""] ?? {}]] : [];
  });
const ofCase = posted(/^\/api\/v1\/cases\/\{id\}\/([a-z-]+)$/);
const ofOrder = posted(/^\/api\/v1\/cases\/\{id\}\/orders\/\{order\}\/([a-z-]+)$/);
const bodies = [...ofCase, ...ofOrder];

/** Fields that are sent without being typed: the version, where the device is, whose request is decided. */
const unseen = (act: string): string[] => ["version", ...(LOCATED.includes(act as Act) ? ["position"] : []), ...(act === "suspend" ? ["order"] : [])];

describe("the API's acts", () => {
  it("are all known to the page, and no others", () => {
    expect(ofCase.length).toBeGreaterThan(25);
    expect(ofOrder.length).toBeGreaterThan(12);
    expect(ofCase.map(([act]) => act).sort()).toEqual([...CASE_ACTS].sort());
    expect(ofOrder.map(([act]) => act).sort()).toEqual([...ORDER_ACTS].sort());
  });
  it.each(bodies.map(([act]) => act))("%s has its word in both languages", (act) => {
    for (const words of [zh, en] as Record<string, string>[]) expect(words[`act.${act}`]).toBeTruthy();
  });
  it.each(bodies.filter(([act]) => act !== "dispatch"))("%s: the form has exactly the fields of the body", (act, body) => {
    const specs = FIELDS[act as keyof typeof FIELDS];
    expect(specs.map((f) => f.name).sort()).toEqual(Object.keys(body.properties ?? {}).filter((p) => !unseen(act).includes(p)).sort());
    for (const f of specs) {
      const property = body.properties?.[f.name];
      // what the body needs is always asked for and always needed; a field that shows later hangs on one that is
      if (body.required?.includes(f.name)) expect([f.name, f.when ? f.when({ c: {} as Case, chosen: { act: act as Act, order: null }, draft: {} }) : true, f.required]).toEqual([f.name, true, true]);
      if (property?.maxLength !== undefined) expect([f.name, f.max ?? (f.kind === "division" || f.kind === "condition" ? property.maxLength : undefined)]).toEqual([f.name, property.maxLength]);
      expect([f.name, f.kind === "yesno"]).toEqual([f.name, [property?.type].flat().includes("boolean")]);
      expect([f.name, f.kind === "time"]).toEqual([f.name, property?.format === "date-time"]);
      for (const key of [f.label, f.hint, f.yes, f.no]) if (key !== undefined) expect(zh[key]).toBeTruthy();
    }
  });
  it("go to the addresses that the document names", () => {
    for (const [act] of ofCase) expect(actPath("C", { act: act as Act, order: null })).toBe(`/cases/C/${act}`);
    for (const [act] of ofOrder) expect(actPath("C", { act: act as Act, order: "O" })).toBe(`/cases/C/orders/O/${act}`);
    expect(actPath("C", { act: "suspend", order: "O" })).toBe("/cases/C/suspend");
  });
});

const units = [{ id: "u1", code: "GAS-1", name: "燃气一队" }, { id: "u2", code: "A", name: "同名" }, { id: "u3", code: "B", name: "同名" }];
const asked = (kind: Request["kind"], order: string | null): Request => ({ kind, order, unit: null, limit: "2d", reason: "", at: "", due_at: null });
const at = (chosen: Chosen, draft: Draft, c: Partial<Case> = {}) => ({ c: { orders: [], requests: [], ...c } as unknown as Case, chosen, draft });
const body = (chosen: Chosen, draft: Draft, c: Partial<Case> = {}) => bodyOf(at(chosen, draft, c), units, [{ id: "0199-x", number: "CG-1" }], Date.parse("2026-11-20T06:33:34Z"));
const of = (act: Act, order: string | null = null): Chosen => ({ act, order });

describe("what a form sends", () => {
  it("yes and no as truth, texts trimmed, units as ids, limits as written", () => {
    expect(body(of("decide-objection", "o"), { upheld: "yes", unit: "燃气一队", reason: " 不归他们 " })).toEqual({ fields: { upheld: true, unit: "u1", reason: "不归他们" }, wrong: {} });
    expect(body(of("request-extension", "o"), { limit: " 3wd ", reason: "等配件" })).toEqual({ fields: { limit: "3wd", reason: "等配件" }, wrong: {} });
  });
  it("says what is missing or unreadable, at its field", () => {
    expect(body(of("request-suspend", "o"), { limit: "三天" }).wrong).toEqual({ limit: ["form.limitHint"], reason: ["form.required"] });
    expect(body(of("redispatch", "o"), { unit: "同名", reason: "x" }).wrong).toEqual({ unit: ["problem.unit_unknown", "way.unit_unknown"] });
    expect(body(of("redispatch", "o"), { unit: "同名 (B)", reason: "x" }).fields).toEqual({ unit: "u3", reason: "x" });
    expect(body(of("merge"), { into: "CG-2", reason: "x" }).wrong).toEqual({ into: ["form.caseUnknown"] });
    expect(body(of("acknowledge-for", "o"), { told_at: "2026-11-20T14:33:35", whom: "a", reason: "b" }).wrong).toEqual({ told_at: ["form.future"] });
  });
  it("asks a failed check for its note and its orders, and a passed one for neither", () => {
    expect(body(of("verify"), { passed: "no" }).wrong).toEqual({ note: ["form.required"] });
    expect(body(of("verify"), { passed: "no", note: "没修好", orders: ["o1"] }).fields).toEqual({ passed: false, note: "没修好", orders: ["o1"] });
    expect(body(of("verify"), { passed: "yes", orders: ["o1"] }).fields).toEqual({ passed: true });
  });
  it("says whether it is solved only if somebody answered", () => {
    expect(body(of("call-back"), { reached: "no", solved: "yes", satisfaction: "basic" }).fields).toEqual({ reached: false });
    expect(body(of("call-back"), { reached: "yes" }).wrong).toEqual({ solved: ["form.required"] });
    expect(body(of("call-back"), { reached: "yes", solved: "no", satisfaction: "dissatisfied" }).fields).toEqual({ reached: true, solved: false, satisfaction: "dissatisfied" });
  });
  it("a lead whose objection is upheld needs a unit in its place; an assisting one does not", () => {
    const orders = [{ id: "o", part: "lead" }, { id: "p", part: "assist" }] as Order[];
    expect(body(of("decide-objection", "o"), { upheld: "yes", reason: "x" }, { orders }).wrong).toEqual({ unit: ["form.required"] });
    expect(body(of("decide-objection", "p"), { upheld: "yes", reason: "x" }, { orders }).wrong).toEqual({});
    expect(body(of("decide-objection", "o"), { upheld: "no", unit: "燃气一队", reason: "x" }, { orders }).fields).toEqual({ upheld: false, reason: "x" });
  });
  it("a suspension asked for is granted for what was asked or turned down; one of one's own accord needs its length", () => {
    const requests = [asked("suspension", "o")];
    expect(body(of("suspend", "o"), { granted: "yes", reason: "x" }, { requests })).toEqual({ fields: { order: "o", granted: true, reason: "x" }, wrong: {} });
    expect(body(of("suspend", "o"), { granted: "no", limit: "2d", reason: "x" }, { requests }).fields).toEqual({ order: "o", granted: false, reason: "x" });
    expect(body(of("suspend", "o"), { reason: "x" }, { requests }).wrong).toEqual({ granted: ["form.required"] });
    expect(fieldsOf(at(of("suspend", "o"), {}, { requests })).find((f) => f.name === "limit")).toMatchObject({ required: false, asked: "2d" });
    expect(body(of("suspend"), { reason: "x" }, { requests }).wrong).toEqual({ limit: ["form.required"] });
    expect(body(of("suspend"), { limit: "2d", reason: "x" }, { requests }).fields).toEqual({ limit: "2d", reason: "x" });
  });
  it("voiding asks for a decision only where it was asked for", () => {
    expect(fieldsOf(at(of("void"), {})).map((f) => f.name)).toEqual(["reason"]);
    expect(body(of("void"), { granted: "no", reason: "x" }, { requests: [asked("voiding", null)] }).fields).toEqual({ granted: false, reason: "x" });
  });
});

describe("limits and cases as typed", () => {
  it("a limit is a number and one of six units", () => {
    expect(["60s", "2min", "4h", "3d", "4wh", "5wd"].every(isLimit)).toBe(true);
    expect(["", "d", "0d", "2 d", "2days", "-2d", "1.5d", "1234567d"].some(isLimit)).toBe(false);
  });
  it("a case is meant by its id, its address or its number", () => {
    const id = "01a20ee8-3b81-768b-affb-b1aeb784a7dc";
    const known = [{ id, number: "RQ-20261125-510116111-0001" }, { id: "other", number: null }];
    expect(caseMeant(id.toUpperCase(), [])).toBe(id);
    expect(caseMeant(`https://example.org/#/cases/${id}`, [])).toBe(id);
    expect(caseMeant("RQ-20261125-510116111-0001 黄龙社区", known)).toBe(id);
    expect(caseMeant("RQ-2", known)).toBeNull();
    expect(caseMeant("null", known)).toBeNull();
  });
});
