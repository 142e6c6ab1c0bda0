/** What clocks say: used and limit, the last quarter, overdue, done late, working time, spans. */
import { describe, expect, it } from "vitest";
import type { Clock } from "../src/api";
import { clockWords, dueStatus, leftText, limitText, spanText, viewClock } from "../src/clock";
import { type Lang, say } from "../src/i18n";
import { clockTime, fromField, momentText, ServerClock, toField } from "../src/time";

const T = Date.parse("2026-11-20T06:33:34.000Z");
const iso = (ms: number): string => new Date(T + ms).toISOString();
const clock = (patch: Partial<Clock>): Clock => ({
  kind: "acknowledge", order: null, unit: null, limit: "60s", started_at: iso(0), due_at: iso(60_000), stopped_at: null, state: "running",
  yellow_at: null, yellow_card_at: null, red_card_at: null, rung: null, paused_at: null, provisional: false, ...patch,
});
const words = (patch: Partial<Clock>, at: number, lang: Lang): string => clockWords(viewClock(clock(patch), at, lang)).map((k) => say(lang, k)).join("·");

describe("a running clock", () => {
  it("says what is used of the limit, in mm:ss", () => {
    const v = viewClock(clock({}), T + 4_000, "zh");
    expect(v).toMatchObject({ status: "run", text: "已用 00:04 / 01:00" });
    expect(v.share).toBeCloseTo(4 / 60);
    expect(viewClock(clock({}), T + 4_000, "en").text).toBe("00:04 of 01:00 used");
  });
  it("turns yellow in its last quarter and red when its time is up, not before", () => {
    expect(viewClock(clock({}), T + 44_999, "zh").status).toBe("run");
    expect(viewClock(clock({}), T + 45_000, "zh").status).toBe("soon");
    expect(viewClock(clock({}), T + 59_999, "zh").status).toBe("soon");
    expect(viewClock(clock({}), T + 60_000, "zh")).toMatchObject({ status: "late", text: "+00:00", share: 1 });
    expect(viewClock(clock({}), T + 102_000, "zh").text).toBe("+00:42");
  });
  it("is late when the server says so, whatever this machine believes", () => {
    expect(viewClock(clock({ state: "late" }), T + 10_000, "zh").status).toBe("late");
  });
  it("turns yellow when the server's table says so, not in its last quarter", () => {
    const at = { yellow_at: iso(30_000) };
    expect(viewClock(clock(at), T + 29_999, "zh").status).toBe("run");
    expect(viewClock(clock(at), T + 30_000, "zh").status).toBe("soon");
    expect(viewClock(clock({ yellow_at: iso(59_000) }), T + 50_000, "zh").status).toBe("run");
    expect(viewClock(clock({ yellow_at: iso(59_000), state: "soon" }), T + 50_000, "zh").status).toBe("soon");
  });
  it("says its rung in words: due soon, overdue, the card it has come to", () => {
    expect(words({}, T, "zh")).toBe("");
    expect(words({ yellow_at: iso(30_000), rung: "yellow" }, T + 31_000, "zh")).toBe("临期");
    expect(words({ rung: "red" }, T + 60_000, "zh")).toBe("逾期");
    expect(words({ rung: "yellow_card" }, T + 90_000, "zh")).toBe("逾期·黄牌");
    expect(words({ rung: "red_card" }, T + 120_000, "en")).toBe("Overdue·Red card");
    expect(words({ rung: "again" }, T + 240_000, "zh")).toBe("逾期·再次提醒");
    expect(words({ rung: "red_card", state: "done_late", stopped_at: iso(150_000) }, T + 999_000, "zh")).toBe("红牌");
  });
  it("stands still while suspended: hatched, as full as it was, with the word and since when", () => {
    const v = viewClock(clock({ state: "paused", paused_at: iso(15_000) }), T + 999_000, "zh");
    expect(v).toMatchObject({ status: "hold", share: 0.25, text: "停表，14:33:49 起", word: "status.paused" });
    expect(clockWords(v)).toEqual([]);
  });
  it("never shows a start in the future as negative", () => {
    expect(viewClock(clock({}), T - 2_000, "zh")).toMatchObject({ text: "已用 00:00 / 01:00", share: 0 });
  });
  it("names working time and gives the end instead of counting hours it cannot know", () => {
    const v = viewClock(clock({ due_at: iso(7 * 86_400_000), limit: "5wd" }), T, "zh");
    expect(v.text).toBe("11-27 14:33:34 前（限 5 工作日）");
  });
});

describe("a stopped clock", () => {
  it("done in time and done late never look alike", () => {
    const done = viewClock(clock({ state: "done", stopped_at: iso(7_000) }), T + 999_000, "zh");
    const late = viewClock(clock({ state: "done_late", stopped_at: iso(75_000) }), T + 999_000, "zh");
    expect(done).toMatchObject({ status: "ok", doneLate: false, text: "用时 00:07 / 01:00", word: "status.ok" });
    expect(late).toMatchObject({ status: "ok", doneLate: true, text: "逾期完成，超 00:15", word: "status.okLate" });
  });
  it("ended without being done is hatched and stands still", () => {
    expect(viewClock(clock({ state: "ended", stopped_at: iso(30_000) }), T + 999_000, "zh")).toMatchObject({ status: "hold", text: "停表", share: 0.5 });
  });
});

describe("spans and limits", () => {
  it("one unit under an hour, hours under a day, then days", () => {
    expect(spanText(3_599_999, "zh")).toBe("59:59");
    expect(spanText(3_600_000, "zh")).toBe("1 时 0 分");
    expect(spanText(86_399_000, "en")).toBe("23 h 59 min");
    expect(spanText(86_400_000 + 7_200_000, "zh")).toBe("1 日 2 时");
  });
  it("what is left reaches 00:01 before the end and + after it", () => {
    expect(leftText(T + 1, T, "zh")).toBe("00:01");
    expect(leftText(T, T, "zh")).toBe("+00:00");
    expect(leftText(T + 60_000, T, "zh")).toBe("01:00");
  });
  it("limits of the tables have words; unknown ones stay as they are", () => {
    expect(["60s", "2min", "4h", "3d", "4wh", "5wd", "soon"].map((l) => limitText(l, "zh"))).toEqual(["60 秒", "2 分", "4 时", "3 日", "4 工时", "5 工作日", "soon"]);
  });
  it("one working hour is not called hours", () => {
    expect(["1wh", "1wd", "2wd", "1h"].map((l) => limitText(l, "en"))).toEqual(["1 working hour", "1 working day", "2 working days", "1 h"]);
  });
  it("a due time without a known length is under way until it is over", () => {
    expect(dueStatus(T, T + 100, T + 74)).toBe("run");
    expect(dueStatus(T, T + 100, T + 75)).toBe("soon");
    expect(dueStatus(T, T, T)).toBe("late");
  });
});

describe("instants", () => {
  it("are written in China Standard Time", () => {
    expect(clockTime(Date.parse("2026-11-19T16:00:01Z"))).toBe("00:00:01");
    expect(momentText(Date.parse("2026-11-19T15:59:59Z"), Date.parse("2026-11-19T16:00:00Z"))).toBe("11-19 23:59:59");
    expect(momentText(Date.parse("2025-12-31T15:59:59Z"), T)).toBe("2025-12-31 23:59:59");
  });
  it("go through a form field and back", () => {
    expect(toField(T)).toBe("2026-11-20T14:33:34");
    expect(fromField("2026-11-20T14:33:34")).toBe(T);
    expect(fromField("2026-11-20T14:33")).toBe(T - 34_000);
    expect(fromField("")).toBeNull();
  });
  it("the server's clock goes on by the counter; a rough hint never overrules the feed", () => {
    let counter = 1_000;
    const c = new ServerClock(() => counter);
    expect(c.now()).toBe(0);
    c.hint(T);
    expect(c.now()).toBe(T + 500);
    c.tell(T);
    counter += 2_500;
    c.hint(T + 90_000);
    expect(c.now()).toBe(T + 2_500);
    c.tell(Number.NaN);
    expect(c.now()).toBe(T + 2_500);
  });
});
