/** Both catalogues: the same keys, the same blanks, no empty text, and the rules of writing. */
import { describe, expect, it } from "vitest";
import { en } from "../src/en";
import { hasKey, say, word } from "../src/i18n";
import { CASE_ACTS, ORDER_ACTS } from "../src/may";
import { zh } from "../src/zh";

const blanks = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? "").sort();

describe("catalogues", () => {
  it("have the same keys in the same order", () => {
    expect(Object.keys(en)).toEqual(Object.keys(zh));
  });
  it.each(Object.keys(zh) as (keyof typeof zh)[])("%s: same blanks, no empty text", (key) => {
    expect(blanks(en[key])).toEqual(blanks(zh[key]));
    expect(zh[key].trim()).not.toBe("");
    expect(en[key].trim()).not.toBe("");
  });
  it("keep to the rules of writing", () => {
    for (const text of Object.values(zh)) expect(text).not.toMatch(/您|用户|请知悉|非法|失败/);
    for (const text of Object.values(en)) expect(text).not.toMatch(/\b(please|oops)\b/i);
  });
  it("have a word for every act that can be offered", () => {
    for (const act of [...CASE_ACTS, ...ORDER_ACTS]) expect(hasKey(`act.${act}`)).toBe(true);
  });
  it("every problem has its way out", () => {
    const of = (family: string): string[] => Object.keys(zh).filter((k) => k.startsWith(family)).map((k) => k.slice(family.length)).sort();
    expect(of("way.")).toEqual(of("problem."));
  });
  it("fill blanks, leave unknown ones, and show a new code as it is", () => {
    expect(say("zh", "line.back", { n: 7 })).toBe("已重新连上，补上 7 条。");
    expect(say("en", "line.back")).toBe("Back online, {n} caught up.");
    expect(word("zh", "severity", "major")).toBe("重大");
    expect(word("zh", "severity", "unheard_of")).toBe("unheard_of");
  });
});
