"""Checks the rule tables under data/rules: what has to hold in each of them and between them.

For: check_data.py. The program refuses most of this at import too; here the tables are held to more (both languages, sources,
the lists of classes and groups we ship), so that what is shipped is whole. Must not repair what it finds.
"""
import re
from collections import Counter, defaultdict

SEVERITY = ["ordinary", "larger", "major", "extraordinary"]
URGENCY = ["low", "medium", "high"]
LEVEL = ["grid", "community", "town", "county", "city", "province"]
LIMITS = [stage + "_limit" for stage in ("accept", "dispatch", "acknowledge", "arrive", "handle", "verify")]
MARK = ["S", "L", "U", "own"]
FLAG = ["0", "1"]
TOP = "AQ CG HJ JT LY MD MS QT RQ SQ SZ TS WS WY XF ZA ZR ZX".split()
# Matters of persons: never on a map that all can see.
PERSONS = ["MD", "MS", "TS"]
SUBJECT = ["place", "thing", "event", "own_need"]
DISPUTE17 = ("婚恋家庭 邻里 人格权 物权相关 侵权相关 合同及相关 劳动人事争议 金融借贷 土地及资源权属 其他民商事 "
             "城乡建设发展 涉民政 其他行政执法 涉法涉诉 其他").split()
OPEN311 = ("disputes disaster enquiries environment fire-safety gas housing neighbourhood other public-health public-order "
           "sanitation services streets tourism traffic utilities work-safety").split()
AXIS = ["outside", "report", "judge", "command", "handle", "oversee", "audit", "system"]
CLOCKS = "accept dispatch acknowledge arrive handle verify confirm decide resume finish call_back supply".split()
RECEIVERS = ["handler", "officer", "chief", "dispatcher", "leader", "inspector", "level_above"]
# What no class or plan may be about; petitions and opinions have their own ways.
REFUSED = "信访 上访 宗教 祷告 集会 游行 群体性 维稳 重点人员 黑名单 舆情 言论 社情民意".split()
SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "wh": 3600, "wd": 8 * 3600}
SETTINGS = ("audit_percent call_back_limit call_back_tries catch_up_after clock_jump confirm_limit court_confirmation "
            "decide_limit duplicate_metres duplicate_minutes extension_percent extension_times grid_base_code grid_dedicated_code "
            "grid_households_least grid_households_most grid_micro_code grid_mobile_code grid_sliver_metres map_review_number "
            "mediation_limit nested_most "
            "rate_limit reopen_by_itself supply_limit suspend_most whistle_daily whistle_emergency whistle_enforcement "
            "whistle_rate_limit work_hours").split()


def seconds(text):
    """Length of a limit, a working day as eight hours; None when it cannot be read."""
    m = re.fullmatch(r"([1-9]\d*)(s|min|h|wh|wd|d)", text)
    return int(m[1]) * SECONDS[m[2]] if m else None


class Rules:
    """The tables of rules while they are checked."""

    def __init__(self, t):
        self.t = t

    def load(self, name, header, key=("code",)):
        """A table of the rules, sorted by its key (severities from the least)."""
        rows = self.t.load(f"rules/{name}", header, list(key))
        order = [tuple(SEVERITY.index(r[k]) if k == "severity" and r[k] in SEVERITY else r[k] for k in key) for r in rows]
        for row, before, here in zip(rows[1:], order, order[1:]):
            if here < before:
                self.t.fault(row["_"], f"not sorted at {here}")
        for row in rows:
            for field, cell in row.items():
                if cell != cell.strip():
                    self.t.fault(row["_"], f"{field} has blanks at its ends")
        return rows

    def one_of(self, row, field, allowed, empty=False):
        if row[field] not in allowed and not (empty and row[field] == ""):
            self.t.fault(row["_"], f"{field} is {row[field]!r}, one of {', '.join(allowed)} wanted")

    def items(self, row, field):
        items = row[field].split("|") if row[field] else []
        if "" in items or len(set(items)) < len(items):
            self.t.fault(row["_"], f"{field} has an empty item or one twice")
        return items

    def filled(self, row, *fields):
        for field in fields:
            if not row[field]:
                self.t.fault(row["_"], f"{field} is empty")

    def bilingual(self, row, zh="name_zh", en="name_en"):
        if not re.search(r"[\u4e00-\u9fff]", row[zh]):
            self.t.fault(row["_"], f"{zh} holds no Chinese")
        if not row[en] or re.search(r"[\u4e00-\u9fff]", row[en]):
            self.t.fault(row["_"], f"{en} is empty or not English")

    def marked(self, row):
        self.one_of(row, "mark", MARK)
        self.filled(row, "source")

    def unique(self, rows, *fields):
        for field in fields:
            for value, n in Counter(row[field] for row in rows).items():
                if n > 1:
                    self.t.fault(rows[0]["_"].split(":")[0], f"{field} {value!r} {n} times")

    def refused(self, row, *fields):
        for field in fields:
            for word in REFUSED:
                if word in row[field]:
                    self.t.fault(row["_"], f"{field}: a class about {word} is refused")

    def stages(self, row):
        for field in LIMITS:
            self.t.limit(row, field)
        acknowledge, arrive, handle = (seconds(row[f]) for f in ("acknowledge_limit", "arrive_limit", "handle_limit"))
        if None not in (acknowledge, arrive, handle) and max(acknowledge, arrive) > handle:
            self.t.fault(row["_"], "acknowledge or arrive is longer than handle")

    def kinds(self):
        rows = self.load("unit_kinds.csv", ["code", "name_zh", "name_en", "level", "acts", "emergency", "typical_capabilities"])
        self.unique(rows, "name_zh", "name_en")
        for r in rows:
            self.bilingual(r)
            self.one_of(r, "level", LEVEL)
            self.one_of(r, "emergency", FLAG)
            acts = self.items(r, "acts")
            if not acts or set(acts) - {"handles", "verifies", "commands", "advises"}:
                self.t.fault(r["_"], f"acts {r['acts']!r}")
            if not self.items(r, "typical_capabilities"):
                self.t.fault(r["_"], "no capability")
        return {r["code"]: r for r in rows}

    def does(self, kinds, kind, act):
        return act in kinds.get(kind, {"acts": act})["acts"].split("|")

    def classes(self, kinds):
        rows = self.load("classes.csv", [
            "code", "parent", "name_zh", "name_en", "subject", "description_zh", "default_severity", "default_urgency",
            "responsible_unit_kind", "assist_unit_kinds", "cc_unit_kinds", *LIMITS, "needs_photo", "needs_position",
            "call_back", "lowest_close_level", "skip_level", "public_map", "map_gbt30428", "map_dispute17",
            "open311_group", "keywords_zh", "source", "mark"])
        codes = {r["code"]: r for r in rows}
        self.unique(rows, "name_zh", "name_en")
        if sorted(code for code in codes if len(code) == 2) != TOP:
            self.t.fault("rules/classes.csv", f"the top classes are not {' '.join(TOP)}")
        for r in rows:
            self.one_class(r, codes, kinds)
        used = {name for r in rows for name in r["map_dispute17"].split("|")}
        for name in sorted(set(DISPUTE17) - used):
            self.t.fault("rules/classes.csv", f"no type stands for the disputes {name}")
        self.top_subjects(rows)
        return codes

    def one_class(self, r, codes, kinds):
        code, parent = r["code"], r["parent"]
        if not re.fullmatch(r"[A-Z]{2}(\d\d)?", code) or parent != (code[:2] if len(code) == 4 else ""):
            self.t.fault(r["_"], f"code {code!r} below {parent!r}")
        if parent and parent not in codes:
            self.t.fault(r["_"], f"parent {parent!r} is not there")
        self.bilingual(r)
        self.filled(r, "description_zh")
        self.marked(r)
        self.refused(r, "name_zh", "description_zh", "keywords_zh")
        for field, allowed in (
            ("subject", SUBJECT), ("default_severity", SEVERITY), ("default_urgency", URGENCY),
            ("needs_photo", ["before", "after", "both", "none"]), ("needs_position", FLAG),
            ("call_back", ["required", "sample", "none"]), ("lowest_close_level", LEVEL[:5]), ("public_map", FLAG),
        ):
            self.one_of(r, field, allowed)
        self.one_of(r, "open311_group", OPEN311, empty=True)
        if r["public_map"] == "1":
            if r["needs_position"] != "1":
                self.t.fault(r["_"], "on the public map without a position")
            if code[:2] in PERSONS or r["subject"] == "own_need" or r["map_dispute17"]:
                self.t.fault(r["_"], "a matter of persons on the public map")
        lead, others = r["responsible_unit_kind"], self.items(r, "assist_unit_kinds") + self.items(r, "cc_unit_kinds")
        self.filled(r, "responsible_unit_kind")
        for field in ("responsible_unit_kind", "assist_unit_kinds", "cc_unit_kinds"):
            self.t.known(r, field, kinds, "unit kind")
        if not self.does(kinds, lead, "handles"):
            self.t.fault(r["_"], f"the lead {lead} does not handle")
        if len({lead, *others}) < 1 + len(others):
            self.t.fault(r["_"], "a unit kind has two parts")
        self.stages(r)
        for rule in filter(None, r["skip_level"].split(";")):
            m = re.fullmatch(r"(?:urgency=(\w+)|severity>=(\w+)):(\w+)", rule)
            if not m or m[3] not in LEVEL or (m[1] or "high") not in URGENCY or (m[2] or "major") not in SEVERITY:
                self.t.fault(r["_"], f"skip rule {rule!r}")
        if not all(re.fullmatch(r"[EP]\d\d(\d\d)?", item) for item in self.items(r, "map_gbt30428")):
            self.t.fault(r["_"], f"map_gbt30428 {r['map_gbt30428']!r}")
        if set(self.items(r, "map_dispute17")) - set(DISPUTE17) or (parent == "MD" and not r["map_dispute17"]):
            self.t.fault(r["_"], f"map_dispute17 {r['map_dispute17']!r}")
        if not 5 <= len(self.items(r, "keywords_zh")) <= 12:
            self.t.fault(r["_"], "5 to 12 key words wanted")

    def top_subjects(self, rows):
        """A top class has the commonest subject of its types."""
        n = defaultdict(Counter)
        for r in rows:
            n[r["parent"]][r["subject"]] += 1
        for r in rows:
            of_types = n[r["code"]]
            if of_types and of_types[r["subject"]] < max(of_types.values()):
                self.t.fault(r["_"], f"subject {r['subject']}, its types say {of_types.most_common(1)[0][0]}")

    def severities(self, classes):
        have = defaultdict(set)
        for r in self.load("limits_by_severity.csv", ["class", "severity", *LIMITS, "source", "mark"], ("class", "severity")):
            self.t.known(r, "class", classes, "class")
            self.one_of(r, "severity", SEVERITY)
            self.marked(r)
            self.stages(r)
            if classes.get(r["class"], {}).get("default_severity") == r["severity"]:
                self.t.fault(r["_"], "the default severity has its limits in classes.csv")
            have[r["class"]].add(r["severity"])
        for code, named in have.items():
            if code in classes and named | {classes[code]["default_severity"]} != set(SEVERITY):
                self.t.fault("rules/limits_by_severity.csv", f"{code} leaves a severity without limits")

    def conditions(self, classes):
        rows = self.load("filing_conditions.csv", ["code", "class", "filing_zh", "filing_en", "handle_limit", "closing_zh",
                                                   "closing_en", "source", "mark"])
        n = Counter(r["class"] for r in rows)
        for r in rows:
            if r["class"] not in classes or not re.fullmatch(re.escape(r["class"]) + r"-\d{1,3}", r["code"]):
                self.t.fault(r["_"], f"{r['code']!r} of class {r['class']!r}")
            self.t.limit(r, "handle_limit")
            self.bilingual(r, "filing_zh", "filing_en")
            self.bilingual(r, "closing_zh", "closing_en")
            self.refused(r, "filing_zh", "closing_zh")
            self.marked(r)
        for code in classes:
            if len(code) == 4 and code[:2] in ("CG", "SZ") and n[code] < 2:
                self.t.fault("rules/filing_conditions.csv", f"{code}: at least 2 conditions wanted, {n[code]} there")

    def plans(self, classes, kinds):
        plans = self.load("plans.csv", [
            "code", "name_zh", "name_en", "trigger_types", "min_severity", "commander_kind", "warn_radius_m",
            "needs_consent", "message_zh", "message_en", "source", "mark"])
        units = self.load("plan_units.csv", ["plan", "no", "unit_kind", "role", "acknowledge_limit", "fallback_kind",
                                             "task_zh", "task_en"], ("plan", "no"))
        steps = self.load("plan_steps.csv", ["plan", "no", "actor_kind", "target", "mandatory", "proof", "step_zh", "step_en"],
                          ("plan", "no"))
        codes = {p["code"] for p in plans}
        sent, done, started = defaultdict(list), defaultdict(list), set()
        for r in units:
            self.t.known(r, "plan", codes, "plan")
            self.plan_unit(r, kinds)
            sent[r["plan"]].append(r)
        for r in steps:
            self.t.known(r, "plan", codes, "plan")
            done[r["plan"]].append(r)
        for p in plans:
            self.plan(p, classes, kinds, sent[p["code"]])
            for trigger in self.items(p, "trigger_types"):
                if trigger in started:
                    self.t.fault(p["_"], f"{trigger} starts two plans")
                started.add(trigger)
            self.plan_steps(p, done[p["code"]], {r["unit_kind"] for r in sent[p["code"]]} | {p["commander_kind"]})
        return units

    def plan_unit(self, r, kinds):
        self.t.known(r, "unit_kind", kinds, "unit kind")
        self.t.known(r, "fallback_kind", kinds, "unit kind")
        self.filled(r, "unit_kind", "fallback_kind")
        self.one_of(r, "role", ["lead", "assist", "cc"])
        self.t.limit(r, "acknowledge_limit", "s|min")
        self.bilingual(r, "task_zh", "task_en")
        self.refused(r, "task_zh")
        if r["unit_kind"] == r["fallback_kind"]:
            self.t.fault(r["_"], "a kind falls back to itself")
        if r["role"] == "lead" and not self.does(kinds, r["unit_kind"], "handles"):
            self.t.fault(r["_"], "the lead does not handle")
        if r["role"] != "cc" and not self.does(kinds, r["fallback_kind"], "handles"):
            self.t.fault(r["_"], f"falls back to {r['fallback_kind']}, which does not handle")

    def plan(self, p, classes, kinds, sent):
        self.bilingual(p)
        self.bilingual(p, "message_zh", "message_en")
        self.refused(p, "name_zh", "message_zh")
        self.one_of(p, "min_severity", SEVERITY)
        self.one_of(p, "needs_consent", FLAG)
        self.marked(p)
        self.t.known(p, "trigger_types", [code for code in classes if len(code) == 4], "class")
        self.filled(p, "trigger_types", "commander_kind")
        self.t.known(p, "commander_kind", kinds, "unit kind")
        if not self.does(kinds, p["commander_kind"], "commands"):
            self.t.fault(p["_"], f"{p['commander_kind']} does not command")
        if not p["warn_radius_m"].isdigit():
            self.t.fault(p["_"], f"warn_radius_m {p['warn_radius_m']!r}")
        if set(re.findall(r"{\w+}", p["message_zh"])) != set(re.findall(r"{\w+}", p["message_en"])):
            self.t.fault(p["_"], "the messages have different blanks")
        leads = [r for r in sent if r["role"] == "lead"]
        if len(leads) != 1:
            self.t.fault(p["_"], f"{len(leads)} leads, exactly one wanted")
        if len({r["unit_kind"] for r in sent}) < len(sent):
            self.t.fault(p["_"], "a unit kind is sent twice")

    def plan_steps(self, p, steps, actors):
        if len(steps) < 4:
            self.t.fault(p["_"], f"{len(steps)} steps, at least 4 wanted")
        last = 0
        for r in steps:
            if r["actor_kind"] not in actors:
                self.t.fault(r["_"], f"{r['actor_kind']} is not sent by the plan")
            self.t.limit(r, "target")
            target = seconds(r["target"]) or last
            if target < last:
                self.t.fault(r["_"], "out of the order of time")
            last = target
            self.one_of(r, "mandatory", FLAG)
            self.one_of(r, "proof", ["none", "photo", "position", "number", "text"])
            self.bilingual(r, "step_zh", "step_en")
            self.refused(r, "step_zh")

    def roles(self):
        """Roles, acts, who may do what, and what is kept apart."""
        roles = {r["code"]: r for r in self.load("roles.csv", [
            "code", "name_zh", "name_en", "level_min", "level_max", "axis", "description_zh"])}
        acts = {r["code"]: r for r in self.load("acts.csv", ["code", "name_zh", "name_en", "axis", "needs_reason"])}
        for r in [*roles.values(), *acts.values()]:
            self.bilingual(r)
            self.one_of(r, "axis", AXIS)
        for r in roles.values():
            self.filled(r, "description_zh")
            self.one_of(r, "level_min", LEVEL)
            self.one_of(r, "level_max", LEVEL)
        for r in acts.values():
            self.one_of(r, "needs_reason", FLAG)
        holders = self.matrix(roles, acts)
        pairs = self.load("role_separation.csv", ["kind", "a", "b", "strength", "reason_zh", "reason_en"], ("kind", "a", "b"))
        for r in pairs:
            self.one_of(r, "kind", ["act", "role"])
            self.one_of(r, "strength", ["hard", "default"])
            self.bilingual(r, "reason_zh", "reason_en")
            for side in ("a", "b"):
                self.t.known(r, side, acts if r["kind"] == "act" else roles, r["kind"])
            if r["a"] == r["b"]:
                self.t.fault(r["_"], f"{r['a']} is kept apart from itself")
            if r["kind"] == "act" and len(holders[r["a"]] | holders[r["b"]]) < 2:
                self.t.fault(r["_"], "only one role does both: they cannot be kept apart")
        for a, b in (("handle", "verify"), ("dispatch", "close")):
            if not any({r["a"], r["b"]} == {a, b} and r["strength"] == "hard" for r in pairs):
                self.t.fault("rules/role_separation.csv", f"{a} and {b} are not kept apart")
        return roles, pairs

    def matrix(self, roles, acts):
        rows = self.load("role_acts.csv", ["role", "act", "allow", "scope", "level_min", "level_max"], ("role", "act"))
        holders = defaultdict(set)
        for r in rows:
            self.t.known(r, "role", roles, "role")
            self.t.known(r, "act", acts, "act")
            self.one_of(r, "allow", FLAG)
            if r["allow"] != "1":
                if r["scope"] or r["level_min"] or r["level_max"]:
                    self.t.fault(r["_"], "a refused act has no scope and no levels")
                continue
            holders[r["act"]].add(r["role"])
            self.one_of(r, "scope", ["own", "order", "area"])
            span = [r["level_min"], r["level_max"]]
            role = roles.get(r["role"])
            if not set(span) <= set(LEVEL):
                self.t.fault(r["_"], "an allowed act has levels")
            elif role and {role["level_min"], role["level_max"]} <= set(LEVEL):
                places = [LEVEL.index(level) for level in (role["level_min"], *span, role["level_max"])]
                if places != sorted(places):
                    self.t.fault(r["_"], f"{span[0]} to {span[1]} is outside the levels of the role")
        if len(rows) != len(roles) * len(acts):
            self.t.fault("rules/role_acts.csv", f"{len(rows)} cells, {len(roles) * len(acts)} wanted")
        for act in acts:
            if not holders[act]:
                self.t.fault("rules/role_acts.csv", f"nobody may {act}")
        for role, allowed in (("auditor", {"read_log"}), ("administrator", set())):
            more = {act for act in acts if role in holders[act]} - allowed
            if more:
                self.t.fault("rules/role_acts.csv", f"{role} may {', '.join(sorted(more))}")
        return holders

    def settings(self):
        rows = self.load("settings.csv", ["name", "value", "text_zh", "text_en"], ("name",))
        if [r["name"] for r in rows] != SETTINGS:
            self.t.fault("rules/settings.csv", f"the settings are not {' '.join(SETTINGS)}")
        for r in rows:
            # Without a review number no map is public.
            if r["name"] != "map_review_number":
                self.filled(r, "value")
            self.bilingual(r, "text_zh", "text_en")

    def ladder(self, classes):
        columns = ["yellow_to", "red_to", "yellow_card_to", "red_card_to"]
        rows = self.load("ladder.csv", ["class", "clock", "yellow", "yellow_card", "red_card", "again", *columns],
                         ("class", "clock"))
        for r in rows:
            self.t.known(r, "class", classes, "class")
            self.one_of(r, "clock", CLOCKS)
            for field in columns:
                self.filled(r, field)
                for item in self.items(r, field):
                    if item not in RECEIVERS:
                        self.t.fault(r["_"], f"{field}: unknown receiver {item!r}")
            if not re.fullmatch(r"[1-9]\d?%", r["yellow"]) and seconds(r["yellow"]) is None:
                self.t.fault(r["_"], f"yellow {r['yellow']!r}")
            self.t.limit(r, "again", "s|min|h|d")
            cards = [self.card(r, field) for field in ("yellow_card", "red_card")]
            if None not in cards and (cards[0][0] != cards[1][0] or cards[0][1] >= cards[1][1]):
                self.t.fault(r["_"], "the red card does not come after the yellow one")
        here = {r["clock"] for r in rows if not r["class"]}
        for clock in CLOCKS:
            if clock not in here:
                self.t.fault("rules/ladder.csv", f"{clock} has no row for all classes")

    def card(self, row, field):
        """How a card is written and its height; None when it cannot be read."""
        text = row[field]
        if re.fullmatch(r"[1-9]\d{2,4}%", text) and int(text[:-1]) > 100:
            return "share", int(text[:-1])
        span = seconds(text[1:]) if text.startswith("+") else None
        if span is None:
            self.t.fault(row["_"], f"{field} {text!r}")
            return None
        return "span", span


def check_suggestion(t, codes):
    """The words and weights of the suggestion, against the classes."""
    for r in t.load("rules/class_words.csv", ["class", "part", "words_zh"], ["class"]):
        t.known(r, "class", codes, "class")
        t.known(r, "part", ["rest", "unclear"], "part")
    t.load("rules/synonyms.csv", ["head", "words_zh"], ["head"])
    for r in t.load("rules/out_words.csv", ["hint", "name_zh", "name_en", "words_zh", "way_zh", "way_en"], ["hint"]):
        if not (r["way_zh"] and r["way_en"]):
            t.fault(r["_"], "the right way is missing")
    for r in t.load("rules/danger_words.csv", ["danger", "numbers", "classes", "name_zh", "name_en", "words_zh", "unless_zh"], ["danger"]):
        t.known(r, "classes", codes, "class")
        if not re.fullmatch(r"\d{3,11}(\|\d{3,11})*", r["numbers"]):
            t.fault(r["_"], f"numbers {r['numbers']!r}")
    for r in t.load("rules/severity_words.csv", ["severity", "words_zh", "unless_zh"], ["severity"]):
        t.known(r, "severity", SEVERITY, "severity")
    for r in t.load("rules/suggestion.csv", ["feature", "weight", "text_zh", "text_en"], ["feature"]):
        if not re.fullmatch(r"-?\d+\.\d{4}", r["weight"]):
            t.fault(r["_"], f"weight {r['weight']!r}")


def check(t):
    """All tables of rules; returns unit kinds, roles and what is kept apart."""
    rules = Rules(t)
    kinds = rules.kinds()
    classes = rules.classes(kinds)
    rules.severities(classes)
    rules.conditions(classes)
    sent = rules.plans(classes, kinds)
    rules.settings()
    rules.ladder(classes)
    check_suggestion(t, classes)
    roles, pairs = rules.roles()
    used = {kind for r in classes.values() for f in ("responsible_unit_kind", "assist_unit_kinds", "cc_unit_kinds")
            for kind in r[f].split("|")} | {r[f] for r in sent for f in ("unit_kind", "fallback_kind")}
    for code in sorted(set(kinds) - used):
        t.fault("rules/unit_kinds.csv", f"{code} is used nowhere")
    return kinds, roles, pairs
