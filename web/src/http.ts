/**
 * The one place that talks to the server by `fetch`: conditional reads with ETags, acts with CSRF
 * token and idempotency key, errors as `Refused`. It keeps no case and decides no words. Every
 * request goes to this page's own origin, and every request ends within its time limit.
 */
import type { Problem } from "./api";

const BASE = "/api/v1";
const READ_MS = 15_000;
const ACT_MS = 20_000;
/** Cached answers kept for conditional reads; the oldest goes first. */
const KEPT = 80;

/** Any request that did not succeed, with the problem that says why. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.code);
  }
}

/** True if `error` says that the session is over. */
export function signedOut(error: unknown): boolean {
  return error instanceof Refused && error.problem.code === "unauthenticated";
}

/** The problem in any thrown thing: ours as it is, a broken connection as `offline`. */
export function problemOf(error: unknown): Problem {
  return error instanceof Refused ? error.problem : { code: "offline", status: 0 };
}

interface Kept {
  etag: string;
  body: unknown;
}

/** A session's connection to the API. `fetch` is a parameter so that tests can stand in for it. */
export class Http {
  /** Token against forged requests, from signing in or from `/me`. */
  csrf = "";
  /** The highest journal sequence this page knows of; reads ask for at least that. */
  atLeast = 0;
  /** Called with the server's `Date` header of each answer, if there is one (UTC ms). */
  onDate: (at: number) => void = () => {};
  private kept = new Map<string, Kept>();

  constructor(private readonly fetcher: typeof fetch = (...a) => fetch(...a)) {}

  /** Drops what was kept of earlier answers (sign-out, `reset` of the feed). */
  forget(): void {
    this.kept.clear();
  }

  /** Reads `path`; an unchanged answer (304) gives the very object of last time. */
  async read<T>(path: string): Promise<T> {
    const known = this.kept.get(path);
    const headers: Record<string, string> = { Accept: "application/json" };
    if (known) headers["If-None-Match"] = known.etag;
    if (this.atLeast > 0) headers["Jingwei-At-Least"] = String(this.atLeast);
    const answer = await this.send(path, { headers }, READ_MS);
    if (answer.status === 304 && known) {
      this.kept.delete(path); // put at the end again: it is in use
      this.kept.set(path, known);
      return known.body as T;
    }
    const body = (await answer.json()) as T;
    const etag = answer.headers.get("ETag");
    if (etag) {
      this.kept.delete(path);
      this.kept.set(path, { etag, body });
      const oldest = this.kept.keys().next().value;
      if (this.kept.size > KEPT && oldest !== undefined) this.kept.delete(oldest);
    }
    return body;
  }

  /** Sends an unsafe request with a JSON body. `key` makes a repeat harmless. */
  async write<T>(method: "POST" | "DELETE", path: string, body?: string, key?: string): Promise<T | null> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (this.csrf) headers["X-CSRF-Token"] = this.csrf;
    if (key) headers["Idempotency-Key"] = key;
    const answer = await this.send(path, { method, headers, ...(body === undefined ? {} : { body }) }, ACT_MS);
    if (answer.status === 204) return null;
    return (await answer.json()) as T;
  }

  private async send(path: string, init: RequestInit, limit: number): Promise<Response> {
    const answer = await this.fetcher(BASE + path, {
      ...init,
      credentials: "same-origin",
      cache: "no-store", // our own ETags: the browser's cache would hide the 304
      signal: AbortSignal.timeout(limit),
    });
    const date = Date.parse(answer.headers.get("Date") ?? "");
    if (!Number.isNaN(date)) this.onDate(date);
    const sequence = Number(answer.headers.get("Jingwei-Sequence"));
    if (sequence > this.atLeast) this.atLeast = sequence;
    if (answer.ok || answer.status === 304) return answer;
    throw new Refused(await readProblem(answer));
  }
}

/** The problem of an answer, also of one that our server did not write (a proxy's page). */
export async function readProblem(answer: Response): Promise<Problem> {
  const code = STATUS[answer.status] ?? (answer.status >= 500 ? "internal" : "malformed");
  let problem: Problem = { code, status: answer.status };
  if ((answer.headers.get("Content-Type") ?? "").includes("json")) {
    const told = (await answer.json().catch(() => null)) as Problem | null;
    if (told && typeof told.code === "string") problem = { ...told, status: answer.status };
  }
  const id = answer.headers.get("X-Request-Id");
  if (!problem.request_id && id) problem.request_id = id;
  const wait = Number(answer.headers.get("Retry-After"));
  if (wait > 0) problem.retry_after = Math.min(wait, 600);
  return problem;
}

const STATUS: Record<number, string> = {
  401: "unauthenticated",
  403: "forbidden",
  404: "not_found",
  413: "too_large",
  422: "invalid",
  429: "too_many",
  502: "busy",
  503: "busy",
  504: "busy",
};

/** A new random id. `randomUUID` is missing on plain http inside an office network. */
export function newKey(source: Crypto = crypto): string {
  if (typeof source.randomUUID === "function") return source.randomUUID();
  const bytes = source.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** What is sent of an act: the same key always goes with the same body. */
export interface Prepared {
  key: string;
  body: string;
}

/**
 * One act while somebody tries to send it. The same words keep key and body (with the version seen
 * then) over any number of retries, so a repeat of something that did arrive is answered and not
 * done twice. Other words, or a clear refusal, make it a new act.
 */
export class Attempt {
  private words = "";
  private prepared: Prepared | null = null;

  constructor(private readonly make: () => string = newKey) {}

  /** Key and body for these words (path and fields); `body` is asked for only if they are new. */
  prepare(words: string, body: () => string): Prepared {
    if (!this.prepared || this.words !== words) {
      this.words = words;
      this.prepared = { key: this.make(), body: body() };
    }
    return this.prepared;
  }

  /** Takes note of a refusal: unless the outcome is unknown or "later", the next try is a new act. */
  refused(problem: Problem): void {
    const later = problem.status === 0 || problem.status >= 500 || problem.code === "too_many";
    if (!later) this.prepared = null;
  }
}
