/** Reads by ETag, acts with key and token, problems in words with a way out, keys over retries. */
import { describe, expect, it, vi } from "vitest";
import type { Problem } from "../src/api";
import { Attempt, Http, newKey, problemOf, readProblem, signedOut } from "../src/http";
import { wordsFor } from "../src/problem";
import { actPath } from "../src/useSubmit";

const json = (body: unknown, init: ResponseInit = {}): Response =>
  new Response(JSON.stringify(body), { ...init, headers: { "Content-Type": "application/json", ...init.headers } });

describe("Http", () => {
  it("asks again with the ETag and gives the same object for 304", async () => {
    const answers = [json({ a: 1 }, { headers: { ETag: '"x"', "Jingwei-Sequence": "42" } }), new Response(null, { status: 304 })];
    const fetcher = vi.fn(async (_: unknown, __?: RequestInit) => answers.shift() ?? json({}));
    const http = new Http(fetcher as unknown as typeof fetch);
    const first = await http.read("/cases");
    const second = await http.read("/cases");
    expect(second).toBe(first);
    const sent = fetcher.mock.calls[1]?.[1]?.headers as Record<string, string>;
    expect(sent).toMatchObject({ "If-None-Match": '"x"', "Jingwei-At-Least": "42" });
    http.forget();
    await http.read("/cases");
    expect((fetcher.mock.calls[2]?.[1]?.headers as Record<string, string>)["If-None-Match"]).toBeUndefined();
  });
  it("sends acts with token and key; 204 is no body", async () => {
    const fetcher = vi.fn(async (_: unknown, __?: RequestInit) => new Response(null, { status: 204 }));
    const http = new Http(fetcher as unknown as typeof fetch);
    http.csrf = "tok";
    expect(await http.write("POST", "/x", "{}", "key")).toBeNull();
    expect(fetcher.mock.calls[0]?.[0]).toBe("/api/v1/x");
    expect(fetcher.mock.calls[0]?.[1]?.headers).toMatchObject({ "X-CSRF-Token": "tok", "Idempotency-Key": "key", "Content-Type": "application/json" });
  });
  it("throws a Refused with the problem; a broken connection is `offline`", async () => {
    const http = new Http((async () => json({ code: "unauthenticated", status: 401 }, { status: 401 })) as unknown as typeof fetch);
    const e: unknown = await http.read("/me").catch((x: unknown) => x);
    expect(signedOut(e)).toBe(true);
    expect(problemOf(new TypeError("Failed to fetch"))).toEqual({ code: "offline", status: 0 });
  });
});

describe("readProblem", () => {
  it("keeps what the server told, with Retry-After and request id of the headers", async () => {
    const p = await readProblem(json({ code: "busy", status: 503 }, { status: 503, headers: { "Retry-After": "20", "X-Request-Id": "E-1", "Content-Type": "application/problem+json" } }));
    expect(p).toMatchObject({ code: "busy", retry_after: 20, request_id: "E-1" });
  });
  it("makes sense of an answer that our server did not write", async () => {
    expect((await readProblem(new Response("<h1>502</h1>", { status: 502, headers: { "Content-Type": "text/html" } }))).code).toBe("busy");
    expect((await readProblem(new Response("{broken", { status: 500, headers: { "Content-Type": "application/json" } }))).code).toBe("internal");
    expect((await readProblem(json({ no: "code" }, { status: 404 }))).code).toBe("not_found");
    expect((await readProblem(new Response("", { status: 418 }))).code).toBe("malformed");
  });
});

describe("wordsFor", () => {
  const p = (code: string, more: Partial<Problem> = {}): Problem => ({ code, status: 400, ...more });
  it("says what and the way out, never a code alone", () => {
    for (const code of ["unauthenticated", "csrf", "forbidden", "not_found", "invalid", "malformed", "too_large", "stale_version", "key_reused", "wrong_state", "separation", "too_many", "busy", "internal", "offline", "something_new"]) {
      for (const lang of ["zh", "en"] as const) {
        const w = wordsFor(p(code), lang);
        expect(w.what).not.toContain(code);
        expect(w.what.length).toBeGreaterThan(3);
        expect(w.way.length).toBeGreaterThan(3);
        expect(w.what + w.way).not.toMatch(/\{\w+\}|undefined/);
      }
    }
  });
  it("puts the server's sentence first where it knows more", () => {
    const told = { zh: { title: "t", detail: "派遣人不得结案。" }, en: { title: "t", detail: "Who dispatches does not close." } };
    expect(wordsFor(p("separation", told), "zh").what).toBe("派遣人不得结案。");
    expect(wordsFor(p("separation", told), "en").what).toBe("Who dispatches does not close.");
    expect(wordsFor(p("something_new", told), "zh").what).toBe("派遣人不得结案。");
    expect(wordsFor(p("not_found", told), "zh").what).toBe("找不到，或你无权查看。");
    expect(wordsFor(p("invalid", told), "zh").what).toBe("派遣人不得结案。");
    expect(wordsFor(p("invalid", { ...told, errors: [{ pointer: "/limit", code: "x", zh: "太长", en: "too long" }] }), "zh").what).toBe("还没办成，有几项要改。");
  });
  it("names the seconds of a busy server and the number of a fault", () => {
    expect(wordsFor(p("busy", { retry_after: 7 }), "zh").what).toBe("暂时忙，7 秒后自动再试。");
    expect(wordsFor(p("internal", { request_id: "E-7F2" }), "zh").what).toBe("出错了，已记下（编号 E-7F2）。");
  });
  it("gives field errors to their fields, the first of each", () => {
    const errors = [
      { pointer: "/reason", code: "short", zh: "太短", en: "too short" },
      { pointer: "/reason", code: "other", zh: "别的", en: "other" },
      { pointer: "/orders/0/unit", code: "unknown", zh: "没有", en: "none" },
    ];
    expect(wordsFor(p("invalid", { errors }), "zh").fields).toEqual({ reason: "太短", orders: "没有" });
  });
  it("a refused sign-in is about account and password, not about a session", () => {
    expect(wordsFor(p("unauthenticated"), "zh", true).what).toBe("账号或密码不对。");
    expect(wordsFor(p("unauthenticated"), "zh").what).toBe("登录已到期。");
  });
});

describe("Attempt", () => {
  it("keeps key and body over retries whose outcome is unknown", () => {
    let n = 0;
    const a = new Attempt(() => `key ${++n}`);
    const first = a.prepare("close {}", () => '{"version":3}');
    for (const status of [0, 500, 503]) {
      a.refused({ code: "x", status });
      expect(a.prepare("close {}", () => '{"version":4}')).toEqual(first);
    }
  });
  it("other words, a clear refusal and success each make a new act", () => {
    let n = 0;
    const a = new Attempt(() => `key ${++n}`);
    a.prepare("a", () => "1");
    expect(a.prepare("b", () => "2")).toEqual({ key: "key 2", body: "2" });
    a.refused({ code: "stale_version", status: 409 });
    expect(a.prepare("b", () => "3")).toEqual({ key: "key 3", body: "3" });
    a.refused({ code: "done", status: 200 });
    expect(a.prepare("b", () => "4").key).toBe("key 4");
  });
  it("keys are printable, short enough and made without randomUUID too", () => {
    const old = { getRandomValues: (b: Uint8Array) => b.fill(255) } as unknown as Crypto;
    expect(newKey(old)).toBe("ffffffff-ffff-4fff-bfff-ffffffffffff");
    expect(newKey()).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe("actPath", () => {
  it("puts acts on an order below the order, a suspension on the case", () => {
    expect(actPath("c", { act: "accept", order: null })).toBe("/cases/c/accept");
    expect(actPath("c", { act: "acknowledge-for", order: "o" })).toBe("/cases/c/orders/o/acknowledge-for");
    expect(actPath("c", { act: "suspend", order: "o" })).toBe("/cases/c/suspend");
  });
});
