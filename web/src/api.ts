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
  | "voided";

/** The six time limits of a case. */
export type ClockKind = "accept" | "dispatch" | "acknowledge" | "arrive" | "handle" | "verify";

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
}

/** One running, stopped or ended clock. */
export interface Clock {
  kind: ClockKind;
  order: string | null;
  unit: UnitRef | null;
  started_at: string;
  due_at: string;
  stopped_at: string | null;
  state: "running" | "late" | "done" | "done_late" | "ended";
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
  stage: "sent" | "acknowledged" | "arrived" | "fed_back" | "stood_down";
  sent_at: string;
  because: { order: string; rule_zh: string; rule_en: string } | null;
  acknowledge_due: string | null;
  acknowledged_at: string | null;
  acknowledged_how: "unit" | "telephone" | null;
  late: boolean;
  arrived_at: string | null;
  arrived_metres: number | null;
  fed_back_at: string | null;
  result: string | null;
}

/** One case with everything this viewer may see. */
export interface Case extends Summary {
  path: Ref[];
  position: { lon: number; lat: number; accuracy_m: number | null } | null;
  address: string | null;
  description: string;
  reporter: { name_masked: string | null; phone_masked: string | null } | null;
  next: { what_zh: string; what_en: string; who: string[]; due_at: string | null } | null;
  limits: Partial<Record<ClockKind, string | null>> | null;
  clocks: Clock[];
  orders: Order[];
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
  on_behalf: UnitRef | null;
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
  no: string | number;
  part: "lead" | "assist" | "cc";
  unit_kind: string;
  kind_zh: string;
  kind_en?: string;
  unit: { id: string; name: string; distance_m: number | null; on_duty: boolean } | null;
  fallback_kind: string | null;
  acknowledge_limit: string;
  task_zh: string;
  task_en: string;
}

/** What dispatching by a plan would do, before anybody does it. */
export interface Proposal {
  plan: { code: string; name_zh: string; name_en: string; message_zh: string; message_en: string };
  orders: ProposedOrder[];
  missing: { unit_kind: string; kind_zh?: string; kind_en?: string }[];
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
