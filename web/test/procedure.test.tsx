/**
 * What the procedure looks like, as written to the page: orders beneath orders and earlier rounds,
 * requests with who, what and until when, provisional deadlines, suspension, supervision. In words.
 */
import { renderToStaticMarkup } from "react-dom/server";
import type { ReactNode } from "react";
import { afterEach, describe, expect, it } from "vitest";
import { ActsProvider, Acts } from "../src/Acts";
import type { Case, Clock, Order, Request, UnitRef } from "../src/api";
import { Clocks } from "../src/Clocks";
import { Facts } from "../src/Facts";
import { type Lang, setLanguage } from "../src/i18n";
import { arranged, byRound, Orders } from "../src/Orders";
import { Requests } from "../src/Requests";
import { Standing } from "../src/Standing";
import { caseStatus, stageStatus, statusWord, SupervisionTag } from "../src/status";
import { en } from "../src/en";
import { zh } from "../src/zh";

// setLanguage writes the language into the document; a test has none
Object.assign(globalThis, { document: { documentElement: { lang: "" } } });
afterEach(() => setLanguage("zh"));

const unit = (name: string): UnitRef => ({ id: name, code: name, name, name_en: `${name} en`, kind: "GAS" });
const order = (id: string, patch: Partial<Order> = {}): Order => ({
  id, leg: id, unit: unit(`单位${id}`), phone: null, part: "assist", stage: "acknowledged", sent_at: "2026-11-20T06:00:00Z", because: null, acknowledge_due: null,
  acknowledged_at: "2026-11-20T06:00:30Z", acknowledged_how: "unit", late: false, arrived_at: null, arrived_metres: null, fed_back_at: null, result: null,
  parent: null, designated: false, round: 0, ...patch,
});
const clock = (patch: Partial<Clock>): Clock => ({
  kind: "handle", order: null, unit: null, limit: "5wd", started_at: "2026-11-20T06:00:00Z", due_at: "2027-01-04T06:00:00Z", stopped_at: null, state: "running",
  yellow_at: null, yellow_card_at: null, red_card_at: null, rung: null, paused_at: null, provisional: false, ...patch,
});
const base: Case = {
  id: "c1", version: 3, sequence: 9, number: "CG-1", stage: "dispatched", open: true, class: { code: "CG01", name_zh: "私搭乱建", name_en: "Illegal building" }, severity: "ordinary", urgency: "low",
  source: "desk", division: { code: "1", name: "社区" }, centre: { code: "1", name: "镇" }, title_zh: "题", title_en: "Title", reported_at: "2026-11-20T05:00:00Z", updated_at: "2026-11-20T06:00:00Z",
  next_due: null, waiting: null, overdue: false, supervision: null, confidential: false, merged_into: null, solved_on_spot: false, path: [], position: null, grids: [], address: null, description: "说明", supplied: [], reason: null,
  reporter: null, next: null, limits: null, clocks: [], orders: [], requests: [], condition: null, suspended_s: 0, suspended_because: null, extensions: 0, absorbed: [], instruction: null, solved: null,
  relayed_to: null, confirmed: null, alerted: [], called_back: null, reporter_says: null, reopened: 0, rate_until: null, may: [],
};
const of = (patch: Partial<Case>): Case => ({ ...base, ...patch });

/** The words of a part of the page, without its marks. */
function text(node: ReactNode, c: Case, lang: Lang = "zh"): string {
  return html(node, c, lang).replace(/<[^>]+>/g, " ").replace(/&#x27;/g, "'").replace(/\s+/g, " ");
}
function html(node: ReactNode, c: Case, lang: Lang = "zh"): string {
  setLanguage(lang);
  return renderToStaticMarkup(<ActsProvider c={c}>{node}</ActsProvider>);
}

describe("arranged", () => {
  const shown = (orders: Order[]): string[] => arranged(orders).map(({ o, depth }) => `${o.id}:${depth}`);
  const because = (id: string | null): Order["because"] => ({ order: id, rule_zh: "规则", rule_en: "rule" });
  it("puts orders beneath the one they lie under, however deep", () => {
    expect(shown([order("1"), order("2"), order("3", { parent: "1" }), order("4", { parent: "3" }), order("5", { parent: "2" })])).toEqual(["1:0", "3:1", "4:2", "2:0", "5:1"]);
  });
  it("puts an added unit below the one it was added for, before the parent of both", () => {
    expect(shown([order("1"), order("2", { parent: "1" }), order("3", { parent: "1" }), order("4", { parent: "1", because: because("2") }), order("5", { because: because("gone") })])).toEqual(["1:0", "2:1", "4:2", "3:1", "5:0"]);
  });
  it("ends even if causes go in a circle, and loses none", () => {
    expect(shown([order("1", { because: because("2") }), order("2", { because: because("1") })])).toEqual(["1:0", "2:1"]);
  });
});

describe("rounds", () => {
  const orders = [order("1"), order("2", { round: 1 }), order("3", { round: 2 })];
  it("the last is now, the earlier ones are history, the latest first", () => {
    const { now, before } = byRound(of({ orders }));
    expect(now.map((o) => o.id)).toEqual(["3"]);
    expect(before.map((r) => r.map((o) => o.id))).toEqual([["2"], ["1"]]);
  });
  it("a case that began anew and is not yet dispatched has history alone", () => {
    expect(byRound(of({ orders, stage: "accepted" })).now).toEqual([]);
    expect(text(<Orders c={of({ orders: [order("1")], stage: "filed" })} />, base)).toMatch(/还没有派单.*前几轮派单 1 轮.*第 1 轮/);
  });
});

describe("the lanes of orders", () => {
  it("say where an order lies, that it is designated, and strike through what was withdrawn", () => {
    const c = of({ orders: [order("1", { part: "lead", designated: true }), order("2", { parent: "1" }), order("3", { stage: "withdrawn" }), order("4", { stage: "stood_down" })] });
    const page = text(<Orders c={c} />, c);
    expect(page).toContain("主办 · 指定承办");
    expect(page).toContain("协办 · 在单位1之下");
    expect(page).toContain("协办 · 已撤单");
    expect(page).toContain("协办 · 随案结束");
    expect(html(<Orders c={c} />, c)).toContain("<s>单位3</s>");
    expect(html(<Orders c={c} />, c)).not.toContain("<s>单位4</s>");
    expect(text(<Orders c={c} />, c, "en")).toContain("beneath 单位1 en");
  });
  it("keep the acts of an order with it; what decides a request is not among them", () => {
    const c = of({ orders: [order("1")], may: ["orders/1/feed-back", "orders/1/redispatch", "orders/1/decide-objection"] });
    const page = text(<Orders c={c} />, c);
    expect(page).toContain("反馈结果");
    expect(page).toMatch(/更多 1 项 改派/);
    expect(page).not.toContain("审核异议");
  });
});

describe("the list of requests", () => {
  const request = (patch: Partial<Request>): Request => ({ kind: "extension", order: "1", unit: unit("单位1"), limit: "3wd", reason: "等配件", at: "2026-11-20T06:00:00Z", due_at: "2026-11-20T08:00:00Z", ...patch });
  it("says who asked for what, why and until when, to everybody", () => {
    const c = of({ orders: [order("1")], requests: [request({}), request({ kind: "voiding", order: null, unit: null, limit: null, due_at: null })] });
    const page = text(<Requests c={c} />, c);
    expect(page).toContain("等审批 2 项");
    expect(page).toMatch(/申请延期 3 工作日 单位1，.*14:00:00 提出/);
    expect(page).toContain("原因：等配件");
    expect(page).toMatch(/16:00:00 前审批/);
    expect(page).toMatch(/申请作废 受理员，/);
    expect(html(<Requests c={c} />, c)).not.toContain("<button");
    expect(text(<Requests c={c} />, c, "en")).toMatch(/More time asked for 3 working days 单位1 en/);
  });
  it("gives its act to those who may decide, and to the request alone", () => {
    const c = of({ orders: [order("1")], requests: [request({}), request({ kind: "suspension" })], may: ["suspend", "orders/1/decide-extension"] });
    const page = text(<Requests c={c} />, c);
    expect(page.match(/审批延期|审批挂账/g)).toEqual(["审批延期", "审批挂账"]);
  });
  it("is not there when nothing waits", () => {
    expect(html(<Requests c={base} />, base)).not.toContain("requests");
  });
});

describe("acts on the case", () => {
  it("stand in two groups; the second opens", () => {
    const c = of({ may: ["remind", "red-card", "void"] });
    const page = html(<Acts c={c} />, c);
    expect(page).toMatch(/催办.*<details.*更多操作 2 项.*红牌督办.*作废/);
    expect(page).toMatch(/class="btn grave"[^>]*>作废/);
  });
  it("a dispatched case sends further units beneath an order", () => {
    expect(text(<Acts c={of({ may: ["dispatch"] })} />, base)).toContain("向下分派");
    expect(text(<Acts c={of({ may: ["dispatch"], stage: "filed" })} />, base)).toContain("派遣");
  });
});

describe("how a case stands", () => {
  it("suspended: the clocks are stopped, since when, until when, why", () => {
    const c = of({ stage: "suspended", suspended_because: "等雨停", clocks: [clock({ kind: "resume", started_at: "2026-11-20T06:00:00Z", due_at: "2026-11-22T06:00:00Z" })] });
    expect(text(<Standing c={c} />, c)).toMatch(/停表 .*14:00:00 起，.*11-22 14:00:00 自动恢复.*原因：等雨停/);
    expect([stageStatus(c), statusWord(c, "hold")]).toEqual(["hold", "stage.suspended"]);
  });
  it("merged: a link to the case in which it goes on; those it took in are linked too", () => {
    const c = of({ stage: "merged", open: false, merged_into: "c2" });
    expect(html(<Standing c={c} />, c)).toContain('href="#/cases/c2"');
    expect(html(<Facts c={of({ absorbed: ["c3"] })} />, base)).toContain('href="#/cases/c3"');
    expect([caseStatus(c, 0), zh[statusWord(c, "hold")], en[statusWord(c, "hold")]]).toEqual(["hold", "已并单", "Merged"]);
  });
  it("a returned case is not called suspended", () => {
    expect(zh[statusWord(of({ stage: "returned" }), "hold")]).toBe("退回补充");
  });
  it("supervision is a word", () => {
    expect(text(<SupervisionTag level="red_card" />, base)).toContain("红牌督办");
    expect(text(<SupervisionTag level="yellow_card" />, base, "en")).toContain("Yellow card");
  });
  it("a deadline beyond the calendar is marked provisional, with the reason", () => {
    const c = of({ clocks: [clock({ provisional: true })] });
    expect(text(<Clocks c={c} />, c)).toMatch(/处置 暂定 .*超出已公布的节假日安排/);
    expect(text(<Clocks c={c} />, c, "en")).toMatch(/provisional .*Beyond the holidays published so far/);
    expect(text(<Clocks c={of({ clocks: [clock({})] })} />, base)).not.toContain("暂定");
  });
  it("facts tell what became known on the way", () => {
    const c = of({
      condition: { code: "CG01-1", filing_zh: "正在搭建", filing_en: "being built", closing_zh: "已停工", closing_en: "stopped" }, relayed_to: unit("网格"), confirmed: false, extensions: 2,
      called_back: { tries: 2, reached: false }, reporter_says: false, reopened: 1, supplied: ["照片说明"], suspended_s: 7200,
    });
    const page = text(<Facts c={c} />, c);
    for (const words of ["立案条件 正在搭建", "结案条件 已停工", "核实 与来报不符", "延期 2 次", "回访 2 次，未接通", "报告人说 没有解决", "重办 1 次", "补充 照片说明", "挂账合计 2 时 0 分"]) expect(page).toContain(words);
    expect(text(<Facts c={base} />, base)).not.toMatch(/延期|回访|报告人说|挂账合计/);
  });
});
