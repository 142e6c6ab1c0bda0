/**
 * The types of the HTTP API, version 1, as this page uses them: the shapes that the server sends.
 * Written by hand after the API's text; holds no behaviour. Instants are RFC 3339 UTC strings.
 */

/** A division or a centre: its code (12 digits, GB/T 2260 and below) and its name. */
export interface Ref {
  code: string;
  name: string;
}

/** A unit that can be called. */
export interface UnitRef {
  id: string;
  code: string;
  name: string;
  name_en: string | null;
  kind: string;
}

/** A class of cases in both languages. */
export interface ClassRef {
  code: string;
  name_zh: string;
  name_en: string;
}

/** One post of the person who is signed in. */
export interface Post {
  role: string;
  role_zh: string;
  role_en: string;
  unit: { id: string; name: string };
  division: Ref;
}

/** The clock of the node. */
export interface ClockStatus {
  now: string;
  /** Escalations are held: the wall clock was set by more than a correction. */
  held: boolean;
  /** By how much, seconds; negative: back. */
  set_by_s: number;
}

/** Who is signed in; `csrf` goes with every unsafe request. */
export interface Me {
  person: string;
  name: string;
  account: string;
  csrf: string;
  roles: Post[];
}

/** The answer to signing in. The token in it is not kept: the cookie carries it. */
export interface Session {
  csrf: string;
  expires_at: string;
  me: Me;
}

/** Where a case stands. */
export type Stage =
  | "reported"
  | "returned"
  | "accepted"
  | "filed"
  | "dispatched"
  | "handled"
  | "verified"
  | "closed"
  | "refused"
  | "voided"
  | "suspended"
  | "merged";

/** The six time limits of a class. */
export type LimitKind = "accept" | "dispatch" | "acknowledge" | "arrive" | "handle" | "verify";

/** What a clock measures: the six limits, and those of the procedure around them. */
export type ClockKind = LimitKind | "confirm" | "decide" | "resume" | "finish" | "call_back" | "supply";

/** How closely a case is supervised. */
export type Supervision = "normal" | "yellow_card" | "red_card";

/** One row of the list of cases. It never carries who reported. */
export interface Summary {
  id: string;
  version: number;
  sequence: number;
  number: string | null;
  stage: Stage;
  open: boolean;
  class: ClassRef | null;
  severity: string;
  urgency: string;
  source: string;
  division: Ref;
  centre: Ref;
  title_zh: string;
  title_en: string;
  reported_at: string;
  updated_at: string;
  next_due: string | null;
  waiting: { acknowledged: number; called: number } | null;
  supervision: Supervision | null;
  /** Who reported is shown to those alone who receive reports. */
  confidential: boolean;
  /** The case in which this one goes on. */
  merged_into: string | null;
  solved_on_spot: boolean;
  /** Whether a limit has passed and what it measures is still to be done. */
  overdue: boolean;
}

/** One running, standing, stopped or ended clock. */
export interface Clock {
  kind: ClockKind;
  order: string | null;
  unit: UnitRef | null;
  /** The limit as its table has it: `60s`, `5wd`. */
  limit: string;
  started_at: string;
  due_at: string;
  stopped_at: string | null;
  state: "running" | "soon" | "late" | "paused" | "done" | "done_late" | "ended";
  yellow_at: string | null;
  yellow_card_at: string | null;
  red_card_at: string | null;
  /** The last rung of the ladder that was reached. */
  rung: "yellow" | "red" | "yellow_card" | "red_card" | "again" | null;
  /** Since when it stands still. */
  paused_at: string | null;
  /** Reckoned beyond the last year of the work calendar: it may move. */
  provisional: boolean;
}

/** One unit's call within a case. */
export interface Order {
  id: string;
  /** The first order of its leg: a unit added in its place works on the same leg. */
  leg: string;
  unit: UnitRef;
  /** The unit's duty phone, for viewers of the area. */
  phone: string | null;
  part: "lead" | "assist" | "cc";
  stage: "sent" | "acknowledged" | "arrived" | "fed_back" | "stood_down" | "withdrawn";
  sent_at: string;
  because: { order: string | null; rule_zh: string; rule_en: string } | null;
  acknowledge_due: string | null;
  acknowledged_at: string | null;
  acknowledged_how: "unit" | "telephone" | null;
  late: boolean;
  arrived_at: string | null;
  arrived_metres: number | null;
  fed_back_at: string | null;
  result: string | null;
  /** The order beneath which it was placed. */
  parent: string | null;
  /** Designated, or its objection was turned down: no objection is taken. */
  designated: boolean;
  /** In which dispatch of the case it was placed, from 0; those before the last are history. */
  round: number;
}

/** Something that was asked of the centre and waits for a decision. */
export interface Request {
  kind: "objection" | "extension" | "suspension" | "voiding";
  order: string | null;
  unit: UnitRef | null;
  limit: string | null;
  reason: string;
  at: string;
  due_at: string | null;
}

/** A condition of filing: what is found, and what has to be so at closing. */
export interface Condition {
  code: string;
  filing_zh: string;
  filing_en: string;
  closing_zh: string;
  closing_en: string;
}

/** A class as the catalogue has it. */
export interface Class extends ClassRef {
  conditions: (Condition & { handle: string })[];
}

/** One case with everything this viewer may see. */
export interface Case extends Summary {
  path: Ref[];
  position: { lon: number; lat: number; accuracy_m: number | null } | null;
  /** The grids of the place on the day of the report. */
  grids: { layer: string; code: string }[];
  address: string | null;
  description: string;
  /** What was added later. */
  supplied: string[];
  /** Why it was returned, refused or voided. */
  reason: string | null;
  reporter: { name_masked: string | null; phone_masked: string | null } | null;
  next: { what_zh: string; what_en: string; who: string[]; due_at: string | null } | null;
  limits: Partial<Record<LimitKind, string | null>> | null;
  clocks: Clock[];
  orders: Order[];
  requests: Request[];
  /** The filing condition that is met. */
  condition: Condition | null;
  /** Seconds for which it was suspended, until now. */
  suspended_s: number;
  suspended_because: string | null;
  /** How many extensions were granted. */
  extensions: number;
  /** Cases that go on in this one. */
  absorbed: string[];
  /** The latest instruction of a leader. */
  instruction: string | null;
  /** What the worker did on the spot. */
  solved: string | null;
  relayed_to: UnitRef | null;
  /** What the worker on the spot found: whether it is as reported. */
  confirmed: boolean | null;
  /** Centres told at once by a rule of the class. */
  alerted: Ref[];
  /** Calls back since the last check. */
  called_back: { tries: number; reached: boolean } | null;
  /** Whether the reporter says that it is solved. */
  reporter_says: boolean | null;
  reopened: number;
  /** Until when the reporter may be dissatisfied. */
  rate_until: string | null;
  /** What the viewer may do now: `accept`, `orders/<id>/acknowledge`, … */
  may: string[];
}

/** One entry of the timeline; `version` orders the entries of a case without gaps. */
export interface Entry {
  version: number;
  sequence: number;
  at: string;
  kind: string;
  actor: {
    role: string;
    role_zh: string;
    role_en: string;
    name: string | null;
    unit: UnitRef | null;
    automatic: boolean;
  };
  order: string | null;
  unit: UnitRef | null;
  text_zh: string;
  text_en: string;
}

/** A page of anything; `next` is the cursor of the following page. */
export interface Page<T> {
  items: T[];
  next: string | number | null;
  sequence: number;
}

/** One order that a plan proposes; `unit` is null when nobody of that kind is there. */
export interface ProposedOrder {
  no: string;
  part: "lead" | "assist" | "cc";
  unit_kind: string;
  kind_zh: string;
  kind_en: string;
  unit: (UnitRef & { distance_m: number | null; on_duty: boolean; fallback: boolean }) | null;
  fallback_kind: string;
  acknowledge_limit: string;
  task_zh: string;
  task_en: string;
}

/** What dispatching by a plan would do, before anybody does it. */
export interface Proposal {
  plan: ClassRef;
  orders: ProposedOrder[];
}

/** The answer of every act. */
export interface Done {
  id: string;
  version: number;
  sequence: number;
  stage: Stage;
  number: string | null;
  orders?: string[];
}

/** An error as the server tells it (application/problem+json). */
export interface Problem {
  code: string;
  status: number;
  title?: string;
  detail?: string;
  zh?: { title?: string; detail?: string };
  en?: { title?: string; detail?: string };
  errors?: { pointer: string; code: string; zh: string; en: string }[];
  request_id?: string;
  /** Seconds until a busy server asks to be tried again; from the header, not the body. */
  retry_after?: number;
}
