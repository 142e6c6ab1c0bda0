/**
 * A clock as text and bar: what it says, how full its bar is and which of the seven statuses it
 * has, and the rung it has reached. Pure; the server's time is a parameter. A working-time limit is named and never counted out
 * in hours: only the server knows the calendar, so there the end is told, not the time used.
 */
import type { Clock } from "./api";
import { type Key, type Lang, say } from "./i18n";
import { instant, momentText } from "./time";

/** The seven statuses that everything on the page is shown by. */
export type Status = "idle" | "run" | "ok" | "soon" | "late" | "hold" | "off";

/** How a clock is shown. */
export interface ClockView {
  status: Status;
  /** 0 to 1: how full the bar is. */
  share: number;
  text: string;
  /** Word of the status. */
  word: Key;
  /** The rung above due and overdue that was reached: a card, or reminded again. */
  rung: Key | null;
  /** Done, but after its time: never looks like done in time. */
  doneLate: boolean;
}

const SECOND = 1000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/** A length of time in one unit: `04:09` under an hour, then hours and minutes, then days and hours. */
export function spanText(ms: number, lang: Lang): string {
  const s = Math.max(0, Math.floor(ms / SECOND));
  if (s < 3600) return `${String(Math.floor(s / 60)).padStart(2, "0")}:${String(s % 60).padStart(2, "0")}`;
  if (s < 86_400) return say(lang, "span.hours", { h: Math.floor(s / 3600), m: Math.floor((s % 3600) / 60) });
  return say(lang, "span.days", { d: Math.floor(s / 86_400), h: Math.floor((s % 86_400) / 3600) });
}

/** What is left until `due`, or `+` what it is over by; each second counts until it is used up. */
export function leftText(due: number, now: number, lang: Lang): string {
  return now >= due ? `+${spanText(now - due, lang)}` : spanText(due - now + SECOND - 1, lang);
}

/** A limit of the tables (`60s`, `2min`, `4h`, `3d`, `4wh`, `5wd`) in words; other texts as they are. */
export function limitText(limit: string, lang: Lang): string {
  const m = /^(\d+)(s|min|h|d|wh|wd)$/.exec(limit);
  const one = m?.[1] === "1" && (m[2] === "wh" || m[2] === "wd") ? ".one" : "";
  return m ? say(lang, `limit.${m[2]}${one}` as Key, { n: m[1] ?? "" }) : limit;
}

/** True if the limit runs in working hours or working days. */
export function workingTime(limit: string | null | undefined): boolean {
  return /^\d+w[hd]$/.test(limit ?? "");
}

/** Status of something that began at `from` and must be done by `due`: yellow in its last quarter. */
export function dueStatus(from: number, due: number, now: number): "run" | "soon" | "late" {
  if (now >= due) return "late";
  return due - now <= (due - from) / 4 ? "soon" : "run";
}

/** The status of a running clock at `now`: yellow from the moment that the server names, else in its last quarter. */
function runningStatus(clock: Clock, from: number, due: number, now: number): "run" | "soon" | "late" {
  if (clock.state === "late" || now >= due) return "late";
  if (clock.state === "soon" || (clock.yellow_at !== null && now >= instant(clock.yellow_at))) return "soon";
  return clock.yellow_at === null ? dueStatus(from, due, now) : "run";
}

/** The view of `clock` at `now`. */
export function viewClock(clock: Clock, now: number, lang: Lang): ClockView {
  const from = instant(clock.started_at);
  const due = instant(clock.due_at);
  const whole = Math.max(1, due - from);
  const length = whole < DAY && whole >= HOUR && whole % HOUR === 0
    ? say(lang, "span.wholeHours", { h: whole / HOUR })
    : spanText(whole, lang);
  const rung: Key | null = clock.rung === "yellow_card" || clock.rung === "red_card" || clock.rung === "again" ? `rung.${clock.rung}` : null;
  const stopped = clock.stopped_at === null ? null : instant(clock.stopped_at);
  const took = stopped === null ? 0 : stopped - from;
  const part = (at: number): number => Math.min(1, Math.max(0, (at - from) / whole));
  switch (clock.state) {
    case "done":
      return { status: "ok", share: 1, text: say(lang, "clock.took", { took: spanText(took, lang), limit: length }), word: "status.ok", rung, doneLate: false };
    case "done_late":
      return { status: "ok", share: 1, text: say(lang, "clock.tookLate", { over: spanText((stopped ?? due) - due, lang) }), word: "status.okLate", rung, doneLate: true };
    case "ended":
      return { status: "hold", share: part(from + took), text: say(lang, "clock.ended"), word: "status.ended", rung, doneLate: false };
    case "paused": {
      const since = clock.paused_at === null ? now : instant(clock.paused_at);
      return { status: "hold", share: part(since), text: say(lang, "clock.paused", { at: momentText(since, now) }), word: "status.paused", rung, doneLate: false };
    }
    case "running":
    case "soon":
    case "late": {
      const status = runningStatus(clock, from, due, now);
      let text: string;
      if (status === "late") text = `+${spanText(now - due, lang)}`;
      else if (workingTime(clock.limit) || whole > DAY) text = say(lang, "clock.until", { at: momentText(due, now), limit: limitText(clock.limit, lang) });
      else text = say(lang, "clock.used", { used: spanText(now - from, lang), limit: length });
      return { status, share: status === "late" ? 1 : part(now), text, word: `status.${status}`, rung, doneLate: false };
    }
  }
}

/** The words by which a clock is read without its colour: due soon, overdue, stopped, and the card it has come to. */
export function clockWords(view: ClockView): Key[] {
  const told: Key[] = view.status === "soon" || view.status === "late" ? [view.word] : [];
  return view.rung === null ? told : [...told, view.rung];
}
