/** The line: batches that never overlap, loss told within 5 seconds, reopening from where it broke. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Batch, Coalescer, CONNECT_MS, Feed, type FeedEvents, PROBE_MS, SILENT_MS } from "../src/feed";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("Coalescer", () => {
  it("makes one batch of many changes, newest version of each case", async () => {
    const got: Batch[] = [];
    const c = new Coalescer(async (b) => void got.push(b));
    c.change("a", 2);
    c.change("b", 1);
    c.change("a", 3);
    c.change("a", 1);
    await vi.advanceTimersByTimeAsync(30);
    expect(got).toHaveLength(1);
    expect([...(got[0]?.cases ?? [])]).toEqual([["a", 3], ["b", 1]]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(got).toHaveLength(1);
  });
  it("never runs two batches at once, and loses nothing that comes meanwhile", async () => {
    let running = 0;
    let most = 0;
    const sizes: number[] = [];
    const c = new Coalescer(async (b) => {
      most = Math.max(most, ++running);
      sizes.push(b.cases.size);
      await new Promise((r) => setTimeout(r, 1000));
      running--;
    }, 250);
    for (let i = 0; i < 100; i++) {
      c.change(`case ${i}`, 1);
      await vi.advanceTimersByTimeAsync(50);
    }
    await vi.advanceTimersByTimeAsync(5000);
    expect(most).toBe(1);
    expect(sizes.reduce((a, b) => a + b)).toBe(100);
    expect(sizes.length).toBeLessThan(8);
  });
  it("goes on after a batch that failed, and hands `reset` over as everything", async () => {
    let n = 0;
    const all: boolean[] = [];
    const c = new Coalescer(async (b) => {
      all.push(b.all);
      if (n++ === 0) throw new Error("no line");
    });
    c.change("a", 1);
    await vi.advanceTimersByTimeAsync(30);
    c.everything();
    await vi.advanceTimersByTimeAsync(300);
    expect(all).toEqual([false, true]);
  });
  it("forgets what waits when it is stopped", async () => {
    const run = vi.fn(async () => {});
    const c = new Coalescer(run);
    c.change("a", 1);
    c.stop();
    await vi.advanceTimersByTimeAsync(1000);
    expect(run).not.toHaveBeenCalled();
  });
});

/** A stream whose words the test speaks. */
class Stream {
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  private listeners = new Map<string, (e: unknown) => void>();
  constructor(readonly since: string) {}
  addEventListener(name: string, l: (e: unknown) => void): void {
    this.listeners.set(name, l);
  }
  close(): void {
    this.closed = true;
  }
  say(name: string, data: unknown, lastEventId = ""): void {
    this.listeners.get(name)?.({ data: typeof data === "string" ? data : JSON.stringify(data), lastEventId });
  }
}

function line(probe: () => Promise<boolean> = async () => true) {
  const streams: Stream[] = [];
  const events = { live: vi.fn(), lost: vi.fn(), change: vi.fn(), ring: vi.fn(), reset: vi.fn(), now: vi.fn() } satisfies FeedEvents;
  const feed = new Feed(
    {
      open: (since) => {
        const s = new Stream(since);
        streams.push(s);
        return s as unknown as EventSource;
      },
      probe,
      clock: () => Date.now(),
    },
    events,
  );
  feed.start();
  return { feed, streams, events };
}

describe("Feed", () => {
  it("hands on changes with their sequence, rings, the clock and reset", () => {
    const { streams, events, feed } = line();
    streams[0]?.onopen?.();
    streams[0]?.say("change", { thing: "case", id: "a", version: 4 }, "17");
    streams[0]?.say("ring", { id: "a", reason: "new_urgent", order: null });
    streams[0]?.say("now", { at: "2026-11-20T02:00:20.000Z" });
    streams[0]?.say("reset", "");
    streams[0]?.say("change", "not json", "18");
    expect(events.live).toHaveBeenCalledExactlyOnceWith(false);
    expect(events.change).toHaveBeenCalledExactlyOnceWith("a", 4, 17);
    expect(events.ring).toHaveBeenCalledExactlyOnceWith({ id: "a", reason: "new_urgent", order: null });
    expect(events.now).toHaveBeenCalledWith(Date.parse("2026-11-20T02:00:20.000Z"));
    expect(events.reset).toHaveBeenCalledOnce();
    feed.stop();
  });
  it("tells a cut at once, once, and reopens from the last event", async () => {
    const { streams, events, feed } = line();
    streams[0]?.onopen?.();
    streams[0]?.say("change", { id: "a", version: 1 }, "17");
    streams[0]?.onerror?.();
    expect(events.lost).toHaveBeenCalledOnce();
    expect(streams[0]?.closed).toBe(true);
    await vi.advanceTimersByTimeAsync(500);
    expect(streams[1]?.since).toBe("17");
    streams[1]?.onerror?.();
    await vi.advanceTimersByTimeAsync(1000);
    streams[2]?.onopen?.();
    expect(events.lost).toHaveBeenCalledOnce();
    expect(events.live).toHaveBeenLastCalledWith(true);
    streams[0]?.say("change", { id: "b", version: 1 }, "99"); // a stream given up says nothing any more
    expect(events.change).toHaveBeenCalledOnce();
    feed.stop();
  });
  it("tells a silent loss within 5 seconds, with how long nothing was heard", async () => {
    const { streams, events, feed } = line(() => new Promise((_, no) => setTimeout(() => no(new Error("timeout")), PROBE_MS)));
    streams[0]?.onopen?.();
    await vi.advanceTimersByTimeAsync(SILENT_MS - 1);
    expect(events.lost).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(5000 - SILENT_MS + 1);
    expect(events.lost).toHaveBeenCalledOnce();
    expect(events.lost.mock.calls[0]?.[0]).toBeGreaterThanOrEqual(SILENT_MS);
    feed.stop();
  });
  it("is not frightened by quiet while the server answers, but renews a stuck stream", async () => {
    const { streams, events, feed } = line();
    streams[0]?.onopen?.();
    await vi.advanceTimersByTimeAsync(24_000);
    expect(streams).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(streams).toHaveLength(2);
    expect(events.lost).not.toHaveBeenCalled();
    feed.stop();
  });
  it("gives up a stream that never answers and tries another", async () => {
    const { streams, events, feed } = line();
    await vi.advanceTimersByTimeAsync(CONNECT_MS + 500);
    expect(streams[0]?.closed).toBe(true);
    expect(streams).toHaveLength(2);
    expect(events.lost).toHaveBeenCalledOnce();
    streams[1]?.onopen?.();
    await vi.advanceTimersByTimeAsync(CONNECT_MS + 500);
    expect(streams).toHaveLength(2);
    feed.stop();
  });
  it("does nothing more after stop", async () => {
    const { streams, events, feed } = line(async () => false);
    streams[0]?.onopen?.();
    feed.stop();
    streams[0]?.onerror?.();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(events.lost).not.toHaveBeenCalled();
    expect(streams).toHaveLength(1);
  });
});
