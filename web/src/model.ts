/**
 * What the page knows: who is signed in, the line, the lists, the open case, the rings. The only
 * place that changes it; components read it by `useModel` and call the methods. It follows the feed
 * in batches and fetches by ETag. Invariant: what is shown of a case never goes back to an older
 * version, and nothing of a session outlives its sign-out.
 */
import { useSyncExternalStore } from "react";
import type { Case, Entry, Me, Page, Problem, Session, Summary } from "./api";
import { type Batch, Coalescer, Feed, type RingEvent } from "./feed";
import { Http, problemOf, signedOut } from "./http";
import { REPEAT_MS, sound } from "./sound";
import { serverClock } from "./time";

const PAGE = 50;
/** Entries asked for at once; the server gives at most this many. */
const ENTRIES = 100;

/** The lists: what runs, what stands still, what has ended. */
export const TABS = ["open", "suspended", "closed"] as const;
/** One of the lists. */
export type Tab = (typeof TABS)[number];
/** How a list is asked for. */
const QUERY: Record<Tab, string> = { open: "open=true", suspended: "stage=suspended", closed: "open=false" };

/** What is known of one list. */
export interface List {
  items: Summary[] | null;
  more: string | null;
  pages: number;
  loading: boolean;
  problem: Problem | null;
}

/** The case that is open. */
export interface Opened {
  id: string;
  data: Case | null;
  entries: Entry[];
  problem: Problem | null;
}

/** A ring that nobody has dealt with yet. */
export interface Ring extends RingEvent {
  key: string;
  title_zh: string | null;
  title_en: string | null;
}

/** The fields of one form as typed: name to text, or to chosen ids. */
export type Draft = Record<string, string | string[]>;

/** The line to the server, as shown. */
export interface Line {
  state: "connecting" | "live" | "lost" | "back";
  /** Server time of what the screen shows, while the line is lost. */
  asOf: number;
  caughtUp: number;
}

/** All that the page knows. */
export interface State {
  me: Me | null | undefined;
  ended: boolean;
  line: Line;
  tab: Tab;
  open: List;
  suspended: List;
  closed: List;
  opened: Opened | null;
  rings: Ring[];
  mutedUntil: number;
}

const emptyList = (): List => ({ items: null, more: null, pages: 1, loading: false, problem: null });
const nothing = (): State => ({
  me: undefined,
  ended: false,
  line: { state: "connecting", asOf: 0, caughtUp: 0 },
  tab: "open",
  open: emptyList(),
  suspended: emptyList(),
  closed: emptyList(),
  opened: null,
  rings: [],
  mutedUntil: 0,
});

/** The page's model. */
export class Model {
  readonly http = new Http();
  /** What was typed into forms and not yet sent: gone when its person signs out. */
  readonly drafts = new Map<string, Draft>();
  private state = nothing();
  private listeners = new Set<() => void>();
  private feed: Feed | null = null;
  private batches = new Coalescer((b) => this.catchUp(b));
  private replayed = 0;
  private backTimer: ReturnType<typeof setTimeout> | undefined;
  private ringTimer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    this.http.onDate = (at) => serverClock.hint(at);
  }

  /** For useSyncExternalStore. */
  subscribe = (l: () => void): (() => void) => {
    this.listeners.add(l);
    return () => this.listeners.delete(l);
  };

  /** The state now; a new object after every change. */
  get = (): State => this.state;

  private set(patch: Partial<State>): void {
    this.state = { ...this.state, ...patch };
    for (const l of this.listeners) l();
  }

  // ---- session

  /** Asks who is signed in, at the start of the page. */
  async begin(): Promise<void> {
    try {
      this.enter(await this.http.read<Me>("/me"));
    } catch (e) {
      if (signedOut(e)) this.set({ me: null });
      else setTimeout(() => void this.begin(), 2000); // the server is not there yet
    }
  }

  /** Signs in; throws `Refused` if that fails. */
  async signIn(account: string, password: string): Promise<void> {
    const s = await this.http.write<Session>("POST", "/sessions", JSON.stringify({ account, password }));
    if (s) this.enter({ ...s.me, csrf: s.csrf });
  }

  /** Signs out. The page forgets everything even if the server cannot be told. */
  async signOut(): Promise<void> {
    await this.http.write("DELETE", "/sessions/current").catch(() => null);
    this.leave(false);
  }

  private enter(me: Me): void {
    this.http.csrf = me.csrf;
    this.set({ me, ended: false });
    this.feed = new Feed(
      {
        // without an event so far, what was read says from where on to listen
        open: (since) => new EventSource(`/api/v1/feed?since=${encodeURIComponent(since || String(this.http.atLeast))}`),
        probe: async (limit) => (await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(limit) })).ok,
        clock: () => performance.now(),
      },
      {
        live: (again) => this.lineLive(again),
        lost: (silent) => this.lineLost(silent),
        change: (id, version, sequence) => {
          if (sequence > this.http.atLeast) this.http.atLeast = sequence;
          this.replayed += 1;
          this.batches.change(id, version);
        },
        ring: (r) => this.ring(r),
        reset: () => {
          this.http.forget();
          this.batches.everything();
        },
        now: (at) => serverClock.tell(at),
      },
    );
    this.feed.start();
    void this.loadList(this.state.tab);
    if (this.state.opened) void this.loadCase();
  }

  private leave(ended: boolean): void {
    this.feed?.stop();
    this.feed = null;
    this.batches.stop();
    clearInterval(this.ringTimer);
    this.ringTimer = undefined;
    this.http.forget();
    this.http.csrf = "";
    if (!ended) this.drafts.clear(); // kept over an ended session: keys carry the person
    const opened = this.state.opened;
    // the address keeps the case, so that signing in again leads back to it; its content goes
    this.state = { ...nothing(), me: null, ended, opened: opened && { id: opened.id, data: null, entries: [], problem: null } };
    this.set({});
  }

  /** Takes note of a failed request: a session that has ended leads to the sign-in. */
  failed(error: unknown): Problem {
    if (signedOut(error) && this.state.me) this.leave(true);
    return problemOf(error);
  }

  // ---- line

  private lineLive(again: boolean): void {
    clearTimeout(this.backTimer);
    if (again) {
      this.replayed = 0;
      // what the feed replays arrives at once; count it for a moment, then say how many it was
      this.backTimer = setTimeout(() => {
        this.set({ line: { state: "back", asOf: 0, caughtUp: this.replayed } });
        this.backTimer = setTimeout(() => this.set({ line: { state: "live", asOf: 0, caughtUp: 0 } }), 8000);
      }, 800);
    } else if (this.state.line.state === "connecting") {
      this.set({ line: { state: "live", asOf: 0, caughtUp: 0 } });
    }
    this.batches.everything();
  }

  private lineLost(silent: number): void {
    clearTimeout(this.backTimer);
    this.set({ line: { state: "lost", asOf: serverClock.now() - silent, caughtUp: 0 } });
    // the stream does not say why it ended; if it is the session, the page must not wait for ever
    void this.http.read<Me>("/me").catch((e: unknown) => this.failed(e));
  }

  /** The browser's own signals about the network. */
  network(online: boolean): void {
    if (online) this.feed?.hurry();
    else this.feed?.cut();
  }

  // ---- lists

  /** Shows a list. */
  showTab(tab: Tab): void {
    this.set({ tab });
    void this.loadList(tab);
  }

  /** Shows one page more of the list in view. */
  more(): void {
    const tab = this.state.tab;
    this.setList(tab, { pages: this.state[tab].pages + 1 });
    void this.loadList(tab);
  }

  private setList(tab: Tab, patch: Partial<List>): void {
    const list = { ...this.state[tab], ...patch };
    const patchOf: Record<Tab, Partial<State>> = { open: { open: list }, suspended: { suspended: list }, closed: { closed: list } };
    this.set(patchOf[tab]);
  }

  /** Reads the pages in view again; unchanged ones cost an empty answer. */
  async loadList(tab: Tab): Promise<void> {
    this.setList(tab, { loading: true });
    try {
      const items: Summary[] = [];
      const seen = new Set<string>();
      let more: string | null = null;
      for (let page = 0; page < this.state[tab].pages; page++) {
        const after = more === null ? "" : `&after=${encodeURIComponent(more)}`;
        const got: Page<Summary> = await this.http.read(`/cases?${QUERY[tab]}&limit=${PAGE}${after}`);
        for (const item of got.items) {
          if (!seen.has(item.id)) items.push(item);
          seen.add(item.id);
        }
        more = got.next === null ? null : String(got.next);
        if (more === null) break;
      }
      this.setList(tab, { items, more, loading: false, problem: null });
      // somebody has taken it up: it need not ring here any longer
      for (const r of this.state.rings) if (r.reason === "new_urgent" && items.some((i) => i.id === r.id && i.stage !== "reported")) this.known(r.id);
    } catch (e) {
      this.setList(tab, { loading: false, problem: this.failed(e) });
    }
  }

  // ---- one case

  /** Opens a case, or none. */
  openCase(id: string | null): void {
    if (this.state.opened?.id === id) return;
    this.set({ opened: id === null ? null : { id, data: null, entries: [], problem: null } });
    if (id !== null) {
      this.known(id);
      if (this.state.me) void this.loadCase();
    }
  }

  /** Reads the open case and what is new of its timeline. */
  async loadCase(): Promise<void> {
    const id = this.state.opened?.id;
    if (id === undefined) return;
    try {
      const data = await this.http.read<Case>(`/cases/${id}`);
      const now = this.state.opened;
      if (now?.id !== id) return; // another case was opened meanwhile
      if (!now.data || data.version >= now.data.version) this.set({ opened: { ...now, data, problem: null } });
      await this.loadEntries(id);
    } catch (e) {
      const problem = this.failed(e);
      const now = this.state.opened;
      if (now?.id === id) this.set({ opened: { ...now, problem } });
    }
  }

  private async loadEntries(id: string): Promise<void> {
    for (;;) {
      const have = this.state.opened;
      if (have?.id !== id) return;
      const last = have.entries.at(-1)?.version ?? 0;
      const page = await this.http.read<Page<Entry>>(`/cases/${id}/timeline?after=${last}&limit=${ENTRIES}`);
      const now = this.state.opened;
      if (now?.id !== id) return;
      // two readings may overlap: only what follows the last entry is new
      const upTo = now.entries.at(-1)?.version ?? 0;
      const fresh = page.items.filter((e) => e.version > upTo);
      if (fresh.length > 0) this.set({ opened: { ...now, entries: [...now.entries, ...fresh] } });
      if (page.next === null || fresh.length === 0) return;
    }
  }

  private async catchUp(batch: Batch): Promise<void> {
    if (!this.state.me) return;
    const opened = this.state.opened;
    const version = opened ? batch.cases.get(opened.id) : undefined;
    const stale = opened && (batch.all || (version !== undefined && version > (opened.data?.version ?? 0)));
    // the lists out of view are read again when they come into view
    if (batch.all) for (const other of TABS) if (other !== this.state.tab && this.state[other].items) this.setList(other, { items: null });
    await Promise.all([stale ? this.loadCase() : null, this.loadList(this.state.tab)]);
  }

  /** After an act: what it changed is wanted at once, not when the feed comes round. */
  async acted(sequence: number): Promise<void> {
    if (sequence > this.http.atLeast) this.http.atLeast = sequence;
    await Promise.all([this.loadCase(), this.loadList(this.state.tab)]);
  }

  // ---- rings

  private ring(event: RingEvent): void {
    const key = `${event.id} ${event.reason} ${event.order ?? ""}`;
    const urgent = event.reason === "new_urgent";
    if (!this.state.rings.some((r) => r.key === key)) {
      const row = this.state.open.items?.find((i) => i.id === event.id);
      const ring: Ring = { ...event, key, title_zh: row?.title_zh ?? null, title_en: row?.title_en ?? null };
      this.set({ rings: [ring, ...this.state.rings] });
      if (!row) void this.nameRing(event.id);
    }
    if (urgent || serverClock.now() >= this.state.mutedUntil) sound(urgent);
    this.ringTimer ??= setInterval(() => {
      if (this.state.rings.some((r) => r.reason === "new_urgent")) sound(true);
    }, REPEAT_MS);
  }

  private async nameRing(id: string): Promise<void> {
    try {
      const c = await this.http.read<Case>(`/cases/${id}`);
      this.set({ rings: this.state.rings.map((r) => (r.id === id ? { ...r, title_zh: c.title_zh, title_en: c.title_en } : r)) });
    } catch (e) {
      this.failed(e);
    }
  }

  /** Somebody knows of this case: its rings are over. */
  known(id: string): void {
    const rings = this.state.rings.filter((r) => r.id !== id);
    if (rings.length !== this.state.rings.length) this.set({ rings });
    if (rings.length === 0) {
      clearInterval(this.ringTimer);
      this.ringTimer = undefined;
    }
  }

  /** Mutes the sounds that are not urgent until then (server time; 0 ends it). */
  mute(until: number): void {
    this.set({ mutedUntil: until });
  }
}

/** The page's one model. */
export const model = new Model();

/** A part of the model's state for a component. */
export function useModel<T>(part: (s: State) => T): T {
  const now = (): T => part(model.get());
  return useSyncExternalStore(model.subscribe, now, now);
}
