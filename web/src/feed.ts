/**
 * The line to the server: one event stream, watched, reopened from where it broke. Tells changes in
 * batches, never one by one. It fetches no case and shows nothing. Invariants: at most one stream is
 * open; a line that is silent or cut is told as lost within 5 seconds; batches never overlap.
 */

/** Changes since the last batch: case id to its newest version; or everything (`all`). */
export interface Batch {
  cases: Map<string, number>;
  all: boolean;
}

/** Gathers changes and hands them over in batches, at least `gap` ms apart and never two at once. */
export class Coalescer {
  private batch: Batch = { cases: new Map(), all: false };
  private busy = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly run: (batch: Batch) => Promise<void>,
    private readonly gap = 250,
  ) {}

  /** A case has changed. */
  change(id: string, version: number): void {
    this.batch.cases.set(id, Math.max(version, this.batch.cases.get(id) ?? 0));
    this.later(20); // the rest of one commit arrives within moments
  }

  /** Anything may have changed. */
  everything(): void {
    this.batch.all = true;
    this.later(0);
  }

  /** Forgets what waits (sign-out). */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.batch = { cases: new Map(), all: false };
  }

  private later(ms: number): void {
    if (this.busy || this.timer !== undefined) return;
    this.timer = setTimeout(() => void this.flush(), ms);
  }

  private async flush(): Promise<void> {
    this.timer = undefined;
    const batch = this.batch;
    this.batch = { cases: new Map(), all: false };
    this.busy = true;
    try {
      await this.run(batch);
    } catch {
      // the reader of the batch shows its own problems; the next batch must come all the same
    } finally {
      this.busy = false;
      if (this.batch.all || this.batch.cases.size > 0) this.later(this.gap);
    }
  }
}

/** A call for attention. */
export interface RingEvent {
  id: string;
  reason: "new_urgent" | "not_acknowledged" | "no_further_unit" | "overdue" | "yellow" | "yellow_card" | "red_card" | "again" | "request" | "passed" | "dissatisfied" | "alerted" | "caught_up";
  order: string | null;
}

/** What the feed tells. */
export interface FeedEvents {
  /** The line is there; `again` after it was lost. */
  live(again: boolean): void;
  /** The line is gone; nothing was heard for `silent` ms, so the page shows what was known then. */
  lost(silent: number): void;
  change(id: string, version: number, sequence: number): void;
  ring(ring: RingEvent): void;
  /** Everything must be fetched anew. */
  reset(): void;
  /** The server's clock, UTC ms. */
  now(at: number): void;
}

/** What the feed needs from the browser; a test brings its own. */
export interface FeedParts {
  open(since: string): EventSource;
  /** Asks the server for a sign of life; false or an error means there is none. */
  probe(limit: number): Promise<boolean>;
  clock(): number;
}

/** Silence after which the server is asked for a sign of life. */
export const SILENT_MS = 2500;
/** How long the sign of life may take. Silence, the next look and this stay under 5 seconds. */
export const PROBE_MS = 1500;
/** A stream without a word for this long is stuck although the server lives (the server tells its clock every 2 s). */
export const STUCK_MS = 25_000;
/** How long a new stream may take to answer before another is tried. */
export const CONNECT_MS = 5000;
const LOOK_MS = 500;
const AGAIN_MS = [500, 1000, 2000, 3000];

/** The feed of one session. */
export class Feed {
  private stream: EventSource | null = null;
  private since = "";
  private heardAt = 0;
  private wordAt = 0;
  private probing = false;
  private connected = false;
  private wasLost = false;
  private tries = 0;
  private running = false;
  private look: ReturnType<typeof setInterval> | undefined;
  private again: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly parts: FeedParts,
    private readonly events: FeedEvents,
  ) {}

  /** Opens the line and keeps it open until `stop`. */
  start(): void {
    this.running = true;
    this.heardAt = this.parts.clock();
    this.look = setInterval(() => void this.watch(), LOOK_MS);
    this.connect();
  }

  /** Closes the line for good. */
  stop(): void {
    this.running = false;
    clearInterval(this.look);
    clearTimeout(this.again);
    this.stream?.close();
    this.stream = null;
  }

  /** The browser says that the network is gone. */
  cut(): void {
    this.lose();
  }

  /** Try now rather than later (network back, page looked at again). */
  hurry(): void {
    if (!this.running) return;
    if (this.connected) void this.watch();
    else this.connect();
  }

  private connect(): void {
    clearTimeout(this.again);
    this.stream?.close();
    const stream = this.parts.open(this.since);
    this.stream = stream;
    // a connection into the void neither opens nor fails by itself for minutes
    this.again = setTimeout(() => this.lose(), CONNECT_MS);
    const on = (name: string, take: (data: Record<string, unknown>, id: string) => void): void => {
      stream.addEventListener(name, (e) => {
        if (this.stream !== stream) return; // a late word of a stream we gave up
        const m = e as MessageEvent<string>;
        this.heard(true);
        if (m.lastEventId) this.since = m.lastEventId;
        take(parse(m.data), m.lastEventId);
      });
    };
    stream.onopen = () => {
      if (this.stream !== stream) return;
      clearTimeout(this.again);
      this.heard(true);
      this.connected = true;
      this.tries = 0;
      const again = this.wasLost;
      this.wasLost = false;
      this.events.live(again);
    };
    stream.onerror = () => {
      if (this.stream === stream) this.lose();
    };
    on("change", (d, id) => {
      if (typeof d["id"] === "string") this.events.change(d["id"], Number(d["version"]) || 0, Number(id) || 0);
    });
    on("ring", (d) => {
      if (typeof d["id"] === "string") this.events.ring(d as unknown as RingEvent);
    });
    on("reset", () => this.events.reset());
    on("now", (d) => this.events.now(Date.parse(String(d["at"]))));
  }

  private heard(word: boolean): void {
    this.heardAt = this.parts.clock();
    if (word) this.wordAt = this.heardAt;
  }

  private async watch(): Promise<void> {
    if (!this.running || !this.connected || this.probing) return;
    const now = this.parts.clock();
    if (now - this.wordAt > STUCK_MS) {
      this.connected = false;
      this.connect(); // the server lives, the stream does not: no need to frighten anybody
      return;
    }
    if (now - this.heardAt < SILENT_MS) return;
    this.probing = true;
    const before = this.heardAt;
    const alive = await this.parts.probe(PROBE_MS).catch(() => false);
    this.probing = false;
    if (!this.running || !this.connected) return;
    if (alive) this.heard(false);
    else if (this.heardAt === before) this.lose();
  }

  private lose(): void {
    if (!this.running) return;
    this.stream?.close();
    this.stream = null;
    this.connected = false;
    if (!this.wasLost) {
      this.wasLost = true;
      this.events.lost(this.parts.clock() - this.heardAt);
    }
    clearTimeout(this.again);
    const wait = AGAIN_MS[Math.min(this.tries++, AGAIN_MS.length - 1)] ?? 3000;
    this.again = setTimeout(() => this.connect(), wait);
  }
}

function parse(data: string): Record<string, unknown> {
  try {
    const v: unknown = JSON.parse(data);
    return typeof v === "object" && v !== null ? (v as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
