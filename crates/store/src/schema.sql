-- The whole schema of a store as it is after the last migration, to be read; the migrations make it
-- (a test compares the two on both engines). Filled in per engine:
--   {int}   INTEGER | BIGINT            {strict}    STRICT | (nothing)
--   {blob}  BLOB | BYTEA                {clustered} STRICT, WITHOUT ROWID | (nothing)
--   {text}  TEXT | TEXT COLLATE "C"
-- Instants are UTC milliseconds, days are yyyymmdd, flags are 0 or 1, ids are 16 bytes, positions are degrees times 10^7.
-- No semicolon in a comment: statements are split at them.

-- Which versions of the schema were applied, and when.
CREATE TABLE schema_version (
  version {int} NOT NULL PRIMARY KEY,  -- number of the migration, from 1
  at {int} NOT NULL                    -- when it was applied (instant)
) {strict};

-- This node. One row.
CREATE TABLE node (
  id {blob} NOT NULL PRIMARY KEY,  -- id of the node
  name {text} NOT NULL,            -- its name for people
  epoch {int} NOT NULL,            -- raised by every restore
  created_at {int} NOT NULL        -- when the node was set up (instant)
) {strict};

-- The end of the journal, and who may write. One row, locked by every batch.
CREATE TABLE journal_head (
  one {int} NOT NULL PRIMARY KEY CHECK (one = 1),  -- always 1
  node {blob} NOT NULL,    -- id of this node
  epoch {int} NOT NULL,    -- epoch of this node
  seq {int} NOT NULL,      -- sequence of the last row of the journal, 0 before the first
  at {int} NOT NULL,       -- its journal time (instant), never earlier than the row before
  writer {blob} NOT NULL,  -- id of the writer that may write
  term {int} NOT NULL      -- raised when another writer takes over
) {strict};

-- What happened, in order, for ever.
CREATE TABLE journal (
  seq {int} NOT NULL PRIMARY KEY,  -- sequence in this node, without gaps, from 1
  node {blob} NOT NULL,            -- node where it happened
  epoch {int} NOT NULL,            -- epoch of that node
  at {int} NOT NULL,               -- journal time (instant)
  actor {blob},                    -- person who did it, null for the node itself
  role {text},                     -- role in which it was done
  unit {blob},                     -- unit for which it was done
  on_behalf {blob},                -- person or unit on whose behalf it was done
  device {blob},                   -- device it came from
  device_at {int},                 -- time by that device's clock (instant)
  received_at {int} NOT NULL,      -- when the node received the command (instant)
  aggregate {text} NOT NULL,       -- kind of the thing it happened to
  aggregate_id {blob} NOT NULL,    -- id of the thing
  version {int} NOT NULL,          -- version of the thing after this event, from 1
  kind {text} NOT NULL,            -- kind of the event
  kind_v {int} NOT NULL,           -- version of that kind's payload
  correlation {blob} NOT NULL,     -- id shared by everything one command caused
  payload {blob} NOT NULL,         -- the event, exactly the bytes that proofs cover
  UNIQUE (aggregate_id, version)
) {strict};

-- The present state of every case: the fold of its events, plus the columns lists and figures need.
CREATE TABLE cases (
  id {blob} NOT NULL PRIMARY KEY,  -- id of the case, given by the sender
  seq {int} NOT NULL UNIQUE,       -- journal sequence of the report: newest first means by this
  owner {blob} NOT NULL,           -- node that owns the case
  version {int} NOT NULL,          -- version of the case, the last of its events
  stage {text} NOT NULL,           -- stage
  open {int} NOT NULL,             -- flag: neither closed nor refused nor voided
  class {text},                    -- class, null until classified
  top_class {text},                -- top class of that class
  severity {text} NOT NULL,        -- severity
  urgency {text} NOT NULL,         -- urgency
  source {text} NOT NULL,          -- channel it came by
  number {text} UNIQUE,            -- number for people, null until filed
  division {blob},                 -- id of the division it lies in
  code {text} NOT NULL,            -- code of that division on the day of the report
  province {text} NOT NULL,        -- code path of that day: province
  city {text},                     -- city
  county {text},                   -- county
  town {text},                     -- town
  community {text},                -- community
  centre {text} NOT NULL,          -- division code of the centre that handles it
  centre_unit {blob},              -- unit of that centre
  reporter {blob},                 -- person who reported it, null for the public
  receipt_hash {blob} UNIQUE,      -- hash of the receipt a resident looks it up with
  lon_e7 {int},                    -- longitude, null when unknown or erased
  lat_e7 {int},                    -- latitude
  reported_at {int} NOT NULL,      -- when it was reported (instant)
  updated_at {int} NOT NULL,       -- journal time of its last event (instant)
  updated_seq {int} NOT NULL,      -- journal sequence of its last event
  next_due {int},                  -- its nearest deadline (instant)
  state {blob} NOT NULL            -- the folded state, as core writes it
) {strict};
CREATE INDEX cases_city ON cases (city, seq);
CREATE INDEX cases_county ON cases (county, seq);
CREATE INDEX cases_town ON cases (town, seq);
CREATE INDEX cases_community ON cases (community, seq);
CREATE INDEX cases_reporter ON cases (reporter, seq);
CREATE INDEX cases_open ON cases (seq) WHERE open = 1;
CREATE INDEX cases_centre_open ON cases (centre, seq) WHERE open = 1;
CREATE INDEX cases_county_open ON cases (county, seq) WHERE open = 1;
CREATE INDEX cases_town_open ON cases (town, seq) WHERE open = 1;
CREATE INDEX cases_community_open ON cases (community, seq) WHERE open = 1;
CREATE INDEX cases_place_open ON cases (lat_e7, lon_e7) WHERE open = 1;

-- The orders to units within cases.
CREATE TABLE orders (
  id {blob} NOT NULL PRIMARY KEY,  -- id of the order
  case_id {blob} NOT NULL,         -- its case
  case_seq {int} NOT NULL,         -- seq of that case, for lists
  unit {blob} NOT NULL,            -- unit it went to
  part {text} NOT NULL,            -- lead, assist or cc
  stage {text} NOT NULL,           -- stage of the order
  sent_at {int} NOT NULL,          -- when it was sent (instant)
  ack_due {int}                    -- until when it must be acknowledged (instant)
) {strict};
CREATE INDEX orders_unit ON orders (unit, case_seq);
CREATE INDEX orders_case ON orders (case_id);

-- The present state of everything else that has a life of its own beside cases (a whistle, a mediation): few of each, so
-- they share one table. The fold of its events, plus the columns lists need.
CREATE TABLE thing (
  id {blob} NOT NULL PRIMARY KEY,  -- id of the thing, given by the sender
  aggregate {text} NOT NULL,       -- kind of thing, as the journal names it
  seq {int} NOT NULL UNIQUE,       -- journal sequence of its first event: newest first means by this
  owner {blob} NOT NULL,           -- node that owns it
  version {int} NOT NULL,          -- its version, the last of its events
  stage {text} NOT NULL,           -- stage, in the words of its kind
  open {int} NOT NULL,             -- flag: something is still to be done
  division {blob} NOT NULL,        -- id of the division it lies in
  code {text} NOT NULL,            -- code of that division on the day it began
  province {text} NOT NULL,        -- code path of that day: province
  city {text},                     -- city
  county {text},                   -- county
  town {text},                     -- town
  community {text},                -- community
  case_id {blob},                  -- the case it belongs to
  person {blob},                   -- person who began it
  next_due {int},                  -- its nearest deadline (instant)
  updated_at {int} NOT NULL,       -- journal time of its last event (instant)
  updated_seq {int} NOT NULL,      -- journal sequence of its last event
  state {blob} NOT NULL            -- the folded state, as core writes it
) {strict};
CREATE INDEX thing_province ON thing (aggregate, province, seq);
CREATE INDEX thing_city ON thing (aggregate, city, seq);
CREATE INDEX thing_county ON thing (aggregate, county, seq);
CREATE INDEX thing_town ON thing (aggregate, town, seq);
CREATE INDEX thing_community ON thing (aggregate, community, seq);
CREATE INDEX thing_case ON thing (case_id, seq);
CREATE INDEX thing_person ON thing (person, seq);

-- The units that take part in a thing and see it for that.
CREATE TABLE thing_unit (
  thing {blob} NOT NULL,  -- the thing
  unit {blob} NOT NULL,   -- the unit
  seq {int} NOT NULL,     -- seq of that thing, for lists
  PRIMARY KEY (thing, unit)
) {clustered};
CREATE INDEX thing_unit_unit ON thing_unit (unit, seq);

-- Deadlines that will fire.
CREATE TABLE timer (
  thing {blob} NOT NULL,      -- thing it belongs to
  kind {text} NOT NULL,       -- kind of the deadline
  sub {blob} NOT NULL,        -- part of the thing (an order), or nil
  generation {int} NOT NULL,  -- raised whenever it is set again: an older firing is stale
  due {int} NOT NULL,         -- when it fires (instant)
  PRIMARY KEY (thing, kind, sub)
) {clustered};
CREATE INDEX timer_due ON timer (due);

-- How many cases stand in each stage now.
CREATE TABLE stock (
  scope {text} NOT NULL,       -- division code
  class {text} NOT NULL,       -- class, empty before classification
  reported {int} NOT NULL,     -- one column per stage: number of cases
  accepted {int} NOT NULL,
  returned {int} NOT NULL,
  filed {int} NOT NULL,
  dispatched {int} NOT NULL,
  handled {int} NOT NULL,
  verified {int} NOT NULL,
  closed {int} NOT NULL,
  refused {int} NOT NULL,
  voided {int} NOT NULL,
  suspended {int} NOT NULL DEFAULT 0,  -- since migration 3
  merged {int} NOT NULL DEFAULT 0,     -- they go on in another case
  PRIMARY KEY (scope, class)
) {clustered};

-- How many cases reached each stage on a day.
CREATE TABLE flow (
  scope {text} NOT NULL,       -- division code
  day {int} NOT NULL,          -- day
  reported {int} NOT NULL,     -- one column per stage: number of cases that reached it
  accepted {int} NOT NULL,
  filed {int} NOT NULL,
  dispatched {int} NOT NULL,
  handled {int} NOT NULL,
  verified {int} NOT NULL,
  closed {int} NOT NULL,
  refused {int} NOT NULL,
  voided {int} NOT NULL,
  orders {int} NOT NULL,       -- orders sent
  late {int} NOT NULL,         -- deadlines missed
  solved {int} NOT NULL DEFAULT 0,     -- solved on the spot
  reopened {int} NOT NULL DEFAULT 0,   -- worked on again
  PRIMARY KEY (scope, day)
) {clustered};

-- The last serial number given by a centre on a day.
CREATE TABLE serial (
  centre {text} NOT NULL,  -- division code of the centre
  day {int} NOT NULL,      -- day
  last {int} NOT NULL,     -- last number given
  PRIMARY KEY (centre, day)
) {clustered};

-- Answers kept so that a repeated command gets the same one.
CREATE TABLE receipt (
  sender {blob} NOT NULL,     -- person or device that sent the command
  key {text} NOT NULL,        -- its key
  body_hash {blob} NOT NULL,  -- hash of the body: another body under the same key is refused
  answer {blob} NOT NULL,     -- the short answer
  seq {int} NOT NULL,         -- journal sequence of the answer
  at {int} NOT NULL,          -- when (instant): kept for 90 days
  PRIMARY KEY (sender, key)
) {clustered};
CREATE INDEX receipt_at ON receipt (at);

-- Administrative divisions, former ones too.
CREATE TABLE division (
  id {blob} NOT NULL PRIMARY KEY,  -- stable id
  code {text} NOT NULL,            -- code
  name {text} NOT NULL,            -- name
  level {int} NOT NULL,            -- 1 province to 6 grid
  valid_from {int},                -- first day of the code, null for always
  valid_to {int},                  -- last day of the code
  successor {blob}                 -- id of the division that took over
) {strict};
CREATE INDEX division_code ON division (code);

-- Units: centres, departments, towns, stations.
CREATE TABLE unit (
  id {blob} NOT NULL PRIMARY KEY,  -- id
  code {text} NOT NULL UNIQUE,     -- code, by which imports match
  name {text} NOT NULL,            -- name
  name_en {text},              -- English name
  kind {text} NOT NULL,            -- kind
  division {text} NOT NULL,        -- division code of its scope
  capabilities {text} NOT NULL,    -- classes it can handle, as core writes them
  duty {text} NOT NULL,            -- duty hours, as core writes them
  contact {blob},                  -- sealed contact
  lon_e7 {int},                    -- longitude
  lat_e7 {int},                    -- latitude
  active {int} NOT NULL            -- flag
) {strict};

-- People who sign in.
CREATE TABLE person (
  id {blob} NOT NULL PRIMARY KEY,       -- id
  account_index {blob} NOT NULL UNIQUE, -- keyed hash of the account name, to find it
  account {blob} NOT NULL,              -- sealed account name
  name {blob} NOT NULL,                 -- sealed name
  phone {blob},                         -- sealed phone number
  active {int} NOT NULL                 -- flag
) {strict};

-- Who holds which role where.
CREATE TABLE post (
  person {blob} NOT NULL,    -- person
  role {text} NOT NULL,      -- role
  unit {blob} NOT NULL,      -- unit
  division {text} NOT NULL,  -- division code of the scope
  PRIMARY KEY (person, role, unit, division)
) {clustered};

-- Grids, every version of each: how the land is divided for service.
CREATE TABLE grid (
  id {blob} NOT NULL,         -- id of the grid, for ever
  version {int} NOT NULL,     -- version, from 1
  code {text} NOT NULL,       -- code in this version
  layer {text} NOT NULL,      -- layer: base, dedicated, micro, mobile
  host {text} NOT NULL,       -- code of the community it lies in; of a mobile grid the county that leads
  valid_from {int} NOT NULL,  -- first day (yyyymmdd)
  valid_to {int},             -- last day (yyyymmdd), null while it stands
  season {int},               -- season of a mobile grid: first × 10000 + last, each mmdd
  area_m2 {int} NOT NULL,     -- area in whole square metres
  about {blob} NOT NULL,      -- what is said of it, as core writes it
  shape {blob} NOT NULL,      -- packed border
  PRIMARY KEY (id, version)
) {clustered};
CREATE INDEX grid_host ON grid (host);

-- Outlines of divisions, as they were given.
CREATE TABLE outline (
  division {blob} NOT NULL PRIMARY KEY,  -- id of the division
  code {text} NOT NULL,                  -- its code in the file
  source {text} NOT NULL,                -- where it comes from, with its caution
  shape {blob} NOT NULL                  -- packed border
) {strict};

-- Named places of the gazetteer: public ones, never a home.
CREATE TABLE place (
  code {text} NOT NULL PRIMARY KEY,  -- code given by the deployment, by which imports match
  name {text} NOT NULL,              -- name
  aliases {text} NOT NULL,           -- other names, with | between
  kind {text} NOT NULL,              -- kind of place
  division {text} NOT NULL,          -- division it lies in
  lon_e7 {int} NOT NULL,             -- longitude
  lat_e7 {int} NOT NULL              -- latitude
) {strict};

-- In which grids a case lay on the day of its report.
CREATE TABLE case_grid (
  grid {blob} NOT NULL,   -- the grid
  seq {int} NOT NULL,     -- seq of the case
  layer {text} NOT NULL,  -- layer of the grid
  PRIMARY KEY (grid, seq)
) {clustered};
CREATE INDEX case_grid_case ON case_grid (seq);

-- Contents of imports: the journal's import event carries their digest.
CREATE TABLE staged (
  import {blob} NOT NULL,   -- id of the import
  part {int} NOT NULL,      -- number of the part, from 0
  content {blob} NOT NULL,  -- bytes of the part
  PRIMARY KEY (import, part)
) {strict};

-- Rule sets (classes, limits, plans) ever used.
CREATE TABLE ruleset (
  digest {blob} NOT NULL PRIMARY KEY,  -- digest of the content
  content {blob} NOT NULL,             -- content
  at {int} NOT NULL                    -- when it came (instant)
) {strict};

-- The rule set in force. At most one row.
CREATE TABLE ruleset_present (
  one {int} NOT NULL PRIMARY KEY CHECK (one = 1),       -- always 1
  digest {blob} NOT NULL REFERENCES ruleset (digest)    -- which
) {strict};

-- Password hashes.
CREATE TABLE credential (
  person {blob} NOT NULL PRIMARY KEY,  -- person
  hash {text} NOT NULL,                -- hash with its algorithm and salt
  set_at {int} NOT NULL                -- when it was set (instant)
) {strict};

-- Sessions of signed-in people.
CREATE TABLE session (
  id {blob} NOT NULL PRIMARY KEY,  -- hash of the token: the token itself is nowhere
  person {blob} NOT NULL,          -- person
  csrf {blob} NOT NULL,            -- secret of its forms
  created_at {int} NOT NULL,       -- when it began (instant)
  seen_at {int} NOT NULL,          -- last use (instant)
  expires_at {int} NOT NULL        -- end (instant)
) {clustered};
CREATE INDEX session_expires ON session (expires_at);
CREATE INDEX session_person ON session (person);
