/**
 * Time: the server's clock as this page knows it, and how instants are written. The machine's own
 * clock is never shown. All instants are UTC milliseconds; they are written in China Standard Time
 * (UTC+8, no summer time) whatever the machine is set to.
 */
import { useSyncExternalStore } from "react";

const EAST_8 = 8 * 3_600_000;

/** Reads an RFC 3339 instant; NaN if it is none. */
export function instant(text: string): number {
  return Date.parse(text);
}

/** The server's clock: told by the feed, carried on by a counter that nobody can set back. */
export class ServerClock {
  private offset: number | null = null;
  private exact = false;

  /** `counter` gives milliseconds since some fixed moment (performance.now). */
  constructor(private readonly counter: () => number) {}

  /** Takes the server's time from the feed. */
  tell(at: number): void {
    if (Number.isNaN(at)) return;
    this.offset = at - this.counter();
    this.exact = true;
  }

  /** Takes the time of an HTTP `Date` header: whole seconds, so only until the feed has spoken. */
  hint(at: number): void {
    if (!this.exact && !Number.isNaN(at)) this.offset = at + 500 - this.counter();
  }

  /** The server's time now. Before the first answer nothing is known and it is 0. */
  now(): number {
    return this.offset === null ? 0 : this.offset + this.counter();
  }
}

/** The page's one clock. */
export const serverClock = new ServerClock(() => performance.now());

let second = 0;
const watchers = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;

function tick(): void {
  const now = serverClock.now();
  second = Math.floor(now / 1000) * 1000;
  for (const w of watchers) w();
  // strike with the server's second, so that all clocks of the page change together
  timer = watchers.size > 0 ? setTimeout(tick, 1000 - (now % 1000) + 5) : undefined;
}

/** The server's time in whole seconds (ms); the component is drawn anew each second. */
export function useSecond(): number {
  return useSyncExternalStore(
    (w) => {
      watchers.add(w);
      if (timer === undefined) tick();
      return () => watchers.delete(w);
    },
    () => second,
    () => second,
  );
}

const two = (n: number): string => String(n).padStart(2, "0");

/** `14:33:38` */
export function clockTime(at: number): string {
  const d = new Date(at + EAST_8);
  return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
}

/** `11-20`, with the year in front if it is not the year of `now`. */
export function dayText(at: number, now: number): string {
  const d = new Date(at + EAST_8);
  const md = `${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())}`;
  return d.getUTCFullYear() === new Date(now + EAST_8).getUTCFullYear() ? md : `${d.getUTCFullYear()}-${md}`;
}

/** True if both instants lie on the same day in China. */
export function sameDay(a: number, b: number): boolean {
  return Math.floor((a + EAST_8) / 86_400_000) === Math.floor((b + EAST_8) / 86_400_000);
}

/** `14:33:38` today, else `11-20 14:33:38`. */
export function momentText(at: number, now: number): string {
  return sameDay(at, now) ? clockTime(at) : `${dayText(at, now)} ${clockTime(at)}`;
}

/** The value of a `datetime-local` field (to the second) for an instant. */
export function toField(at: number): string {
  return new Date(at + EAST_8).toISOString().slice(0, 19);
}

/** The instant of a `datetime-local` field's value, or null. */
export function fromField(value: string): number | null {
  const at = Date.parse(`${value.length === 16 ? `${value}:00` : value}Z`);
  return Number.isNaN(at) ? null : at - EAST_8;
}
