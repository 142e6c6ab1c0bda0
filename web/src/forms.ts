/**
 * Which fields the form of each act has, as a table: the bodies of the API's acts, field for field
 * (a test compares the two). Pure. Dispatching has a form of its own and no row here.
 */
import type { Case } from "./api";
import type { Key } from "./i18n";
import { type Act, type Chosen, decided } from "./may";
import type { Draft } from "./model";

/** How a field is filled in. */
export type FieldKind =
  | "area" | "text" | "time" | "limit" | "class" | "severity" | "urgency" | "unit" | "part"
  | "yesno" | "satisfaction" | "again" | "order" | "condition" | "case" | "division";

/** What decides whether a field is asked for, or needed. */
export interface Around {
  c: Case;
  chosen: Chosen;
  draft: Draft;
}

/** One field of a form. */
export interface FieldSpec {
  name: string;
  kind: FieldKind;
  label: Key;
  /** It has to be filled in: always, or as things stand. */
  required?: boolean | ((a: Around) => boolean);
  /** It is asked for only then. */
  when?: (a: Around) => boolean;
  /** Most characters. */
  max?: number;
  hint?: Key;
  /** What was asked for, where leaving the field empty grants just that. */
  asked?: string | null;
  /** A part may be the lead. */
  lead?: boolean;
  /** The two answers of a `yesno`. */
  yes?: Key;
  no?: Key;
}

/** Most characters of a line, and of a text. */
const LINE = 200;
const TEXT = 2000;

const said = (name: string, value: "yes" | "no") => ({ draft }: Around): boolean => draft[name] === value;
/** A request of that kind waits for this very decision. */
const asked = ({ c, chosen }: Around): boolean => decided(c, chosen) !== undefined;

const area = (name: string, label: Key, max: number, more: Partial<FieldSpec> = {}): FieldSpec => ({ name, kind: "area", label, max, required: true, ...more });
const reason = area("reason", "form.reason", LINE);
const unit: FieldSpec = { name: "unit", kind: "unit", label: "form.unit", required: true };
const limit: FieldSpec = { name: "limit", kind: "limit", label: "form.limit", max: 12, required: true, hint: "form.limitHint" };
const about: FieldSpec = { name: "order", kind: "order", label: "form.about" };
const classing: FieldSpec[] = [
  { name: "class", kind: "class", label: "form.class" },
  { name: "severity", kind: "severity", label: "form.severity" },
  { name: "urgency", kind: "urgency", label: "form.urgency" },
];
const granted: FieldSpec = { name: "granted", kind: "yesno", label: "form.granted", yes: "form.grant", no: "form.turnDown", required: asked, when: asked };
const lead = ({ c, chosen }: Around): boolean => c.orders.some((o) => o.id === chosen.order && o.part === "lead");
const refusedNow = (a: Around): boolean => asked(a) && said("granted", "no")(a);

/** The fields of each act, in their order; an act without fields is sent as it is. */
export const FIELDS: Record<Exclude<Act, "dispatch">, FieldSpec[]> = {
  accept: classing,
  "set-class": classing,
  refuse: [reason],
  "return-for-info": [reason],
  "supply-info": [area("text", "form.text", TEXT)],
  confirm: [
    { name: "found", kind: "yesno", label: "form.found", yes: "form.asReported", no: "form.notAsReported", required: true },
    area("note", "form.note", LINE, { required: said("found", "no") }),
  ],
  relay: [unit],
  "solve-on-spot": [area("result", "form.result", TEXT)],
  file: [{ name: "condition", kind: "condition", label: "form.condition" }],
  "add-unit": [unit, { name: "part", kind: "part", label: "form.part", required: true }, reason],
  verify: [
    { name: "passed", kind: "yesno", label: "form.passed", yes: "form.pass", no: "form.fail", required: true },
    area("note", "form.note", LINE, { required: said("passed", "no") }),
    { name: "orders", kind: "again", label: "form.redo", when: said("passed", "no") },
  ],
  "call-back": [
    { name: "reached", kind: "yesno", label: "form.reached", yes: "form.answered", no: "form.unanswered", required: true },
    { name: "solved", kind: "yesno", label: "form.solved", yes: "form.isSolved", no: "form.notSolved", required: true, when: said("reached", "yes") },
    { name: "satisfaction", kind: "satisfaction", label: "form.satisfaction", when: said("reached", "yes") },
    area("note", "form.said", LINE, { required: false }),
  ],
  close: [],
  resume: [reason],
  remind: [about],
  suspend: [
    granted,
    { ...limit, label: "form.suspendFor", required: (a) => !asked(a), when: (a) => !refusedNow(a) },
    reason,
  ],
  "mark-urgent": [reason],
  "mark-confidential": [reason],
  "pass-up": [reason],
  "pass-down": [
    { name: "to", kind: "division", label: "form.to", max: 12, required: true },
    { ...limit, label: "form.finish" },
    reason,
  ],
  merge: [{ name: "into", kind: "case", label: "form.into", required: true, hint: "form.intoHint" }, reason],
  unmerge: [reason],
  supervise: [about, reason],
  "yellow-card": [about, reason],
  "red-card": [about, reason],
  instruct: [area("text", "form.instruction", TEXT)],
  reopen: [reason],
  "request-void": [reason],
  void: [granted, reason],
  acknowledge: [],
  arrive: [],
  handle: [area("note", "form.progress", TEXT)],
  "feed-back": [area("result", "form.result", TEXT)],
  "acknowledge-for": [
    { name: "told_at", kind: "time", label: "form.told_at", required: true },
    { name: "whom", kind: "text", label: "form.whom", max: LINE, required: true },
    reason,
  ],
  "request-extension": [{ ...limit, label: "form.more" }, reason],
  "request-suspend": [{ ...limit, label: "form.suspendFor" }, reason],
  "object-order": [reason],
  "decide-objection": [
    { name: "upheld", kind: "yesno", label: "form.upheld", yes: "form.uphold", no: "form.notUpheld", required: true },
    { ...unit, label: "form.takesOver", required: lead, when: said("upheld", "yes") },
    reason,
  ],
  "decide-extension": [
    { ...granted, required: true, when: () => true },
    { ...limit, label: "form.more", required: false, when: said("granted", "yes") },
    reason,
  ],
  redispatch: [{ ...unit, label: "form.takesOver" }, reason],
  designate: [{ ...unit, label: "form.takesOver" }, reason],
  "withdraw-order": [reason],
};

/** Acts whose body takes where this device is, if it says so. */
export const LOCATED: readonly Act[] = ["arrive", "confirm"];

/** The fields that are asked for as things stand, each marked as needed or not; of a limit, what was asked for. */
export function fieldsOf(a: Around): (FieldSpec & { required: boolean })[] {
  if (a.chosen.act === "dispatch") return [];
  const asked = decided(a.c, a.chosen)?.limit ?? null;
  return FIELDS[a.chosen.act]
    .filter((f) => !f.when || f.when(a))
    .map((f) => ({ ...f, required: typeof f.required === "function" ? f.required(a) : f.required === true, ...(f.kind === "limit" ? { asked } : {}) }));
}

/** True for a limit as the tables write it: a number and a unit. */
export function isLimit(text: string): boolean {
  return /^[1-9]\d{0,5}(s|min|h|d|wh|wd)$/.test(text);
}

/** The case that somebody means: its id, its address on this page, or its number among `known`. */
export function caseMeant(text: string, known: { id: string; number: string | null }[]): string | null {
  const typed = text.trim();
  const id = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.exec(typed)?.[0];
  if (id) return id.toLowerCase();
  return known.find((k) => k.number !== null && typed.split(/\s/)[0] === k.number)?.id ?? null;
}
