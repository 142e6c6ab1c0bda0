-- Migration 1: everything. What the columns mean stands in ../schema.sql. Never changed after its release.
CREATE TABLE schema_version (
 version {int} NOT NULL PRIMARY KEY,
 at {int} NOT NULL
) {strict};
CREATE TABLE node (
 id {blob} NOT NULL PRIMARY KEY,
 name {text} NOT NULL,
 epoch {int} NOT NULL,
 created_at {int} NOT NULL
) {strict};
CREATE TABLE journal_head (
 one {int} NOT NULL PRIMARY KEY CHECK (one = 1),
 node {blob} NOT NULL,
 epoch {int} NOT NULL,
 seq {int} NOT NULL,
 at {int} NOT NULL,
 writer {blob} NOT NULL,
 term {int} NOT NULL
) {strict};
CREATE TABLE journal (
 seq {int} NOT NULL PRIMARY KEY,
 node {blob} NOT NULL,
 epoch {int} NOT NULL,
 at {int} NOT NULL,
 actor {blob},
 role {text},
 unit {blob},
 on_behalf {blob},
 device {blob},
 device_at {int},
 received_at {int} NOT NULL,
 aggregate {text} NOT NULL,
 aggregate_id {blob} NOT NULL,
 version {int} NOT NULL,
 kind {text} NOT NULL,
 kind_v {int} NOT NULL,
 correlation {blob} NOT NULL,
 payload {blob} NOT NULL,
 UNIQUE (aggregate_id, version)
) {strict};
CREATE TABLE cases (
 id {blob} NOT NULL PRIMARY KEY,
 seq {int} NOT NULL UNIQUE,
 owner {blob} NOT NULL,
 version {int} NOT NULL,
 stage {text} NOT NULL,
 open {int} NOT NULL,
 class {text},
 top_class {text},
 severity {text} NOT NULL,
 urgency {text} NOT NULL,
 source {text} NOT NULL,
 number {text} UNIQUE,
 division {blob},
 code {text} NOT NULL,
 province {text} NOT NULL,
 city {text},
 county {text},
 town {text},
 community {text},
 centre {text} NOT NULL,
 centre_unit {blob},
 reporter {blob},
 receipt_hash {blob} UNIQUE,
 lon_e7 {int},
 lat_e7 {int},
 reported_at {int} NOT NULL,
 updated_at {int} NOT NULL,
 updated_seq {int} NOT NULL,
 next_due {int},
 state {blob} NOT NULL
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
CREATE TABLE orders (
 id {blob} NOT NULL PRIMARY KEY,
 case_id {blob} NOT NULL,
 case_seq {int} NOT NULL,
 unit {blob} NOT NULL,
 part {text} NOT NULL,
 stage {text} NOT NULL,
 sent_at {int} NOT NULL,
 ack_due {int}
) {strict};
CREATE INDEX orders_unit ON orders (unit, case_seq);
CREATE INDEX orders_case ON orders (case_id);
CREATE TABLE timer (
 thing {blob} NOT NULL,
 kind {text} NOT NULL,
 sub {blob} NOT NULL,
 generation {int} NOT NULL,
 due {int} NOT NULL,
 PRIMARY KEY (thing, kind, sub)
) {clustered};
CREATE INDEX timer_due ON timer (due);
CREATE TABLE stock (
 scope {text} NOT NULL,
 class {text} NOT NULL,
 reported {int} NOT NULL,
 accepted {int} NOT NULL,
 returned {int} NOT NULL,
 filed {int} NOT NULL,
 dispatched {int} NOT NULL,
 handled {int} NOT NULL,
 verified {int} NOT NULL,
 closed {int} NOT NULL,
 refused {int} NOT NULL,
 voided {int} NOT NULL,
 PRIMARY KEY (scope, class)
) {clustered};
CREATE TABLE flow (
 scope {text} NOT NULL,
 day {int} NOT NULL,
 reported {int} NOT NULL,
 accepted {int} NOT NULL,
 filed {int} NOT NULL,
 dispatched {int} NOT NULL,
 handled {int} NOT NULL,
 verified {int} NOT NULL,
 closed {int} NOT NULL,
 refused {int} NOT NULL,
 voided {int} NOT NULL,
 orders {int} NOT NULL,
 late {int} NOT NULL,
 PRIMARY KEY (scope, day)
) {clustered};
CREATE TABLE serial (
 centre {text} NOT NULL,
 day {int} NOT NULL,
 last {int} NOT NULL,
 PRIMARY KEY (centre, day)
) {clustered};
CREATE TABLE receipt (
 sender {blob} NOT NULL,
 key {text} NOT NULL,
 body_hash {blob} NOT NULL,
 answer {blob} NOT NULL,
 seq {int} NOT NULL,
 at {int} NOT NULL,
 PRIMARY KEY (sender, key)
) {clustered};
CREATE INDEX receipt_at ON receipt (at);
CREATE TABLE division (
 id {blob} NOT NULL PRIMARY KEY,
 code {text} NOT NULL,
 name {text} NOT NULL,
 level {int} NOT NULL,
 valid_from {int},
 valid_to {int},
 successor {blob}
) {strict};
CREATE INDEX division_code ON division (code);
CREATE TABLE unit (
 id {blob} NOT NULL PRIMARY KEY,
 code {text} NOT NULL UNIQUE,
 name {text} NOT NULL,
 name_en {text},
 kind {text} NOT NULL,
 division {text} NOT NULL,
 capabilities {text} NOT NULL,
 duty {text} NOT NULL,
 contact {blob},
 lon_e7 {int},
 lat_e7 {int},
 active {int} NOT NULL
) {strict};
CREATE TABLE person (
 id {blob} NOT NULL PRIMARY KEY,
 account_index {blob} NOT NULL UNIQUE,
 account {blob} NOT NULL,
 name {blob} NOT NULL,
 phone {blob},
 active {int} NOT NULL
) {strict};
CREATE TABLE post (
 person {blob} NOT NULL,
 role {text} NOT NULL,
 unit {blob} NOT NULL,
 division {text} NOT NULL,
 PRIMARY KEY (person, role, unit, division)
) {clustered};
CREATE TABLE staged (
 import {blob} NOT NULL,
 part {int} NOT NULL,
 content {blob} NOT NULL,
 PRIMARY KEY (import, part)
) {strict};
CREATE TABLE ruleset (
 digest {blob} NOT NULL PRIMARY KEY,
 content {blob} NOT NULL,
 at {int} NOT NULL
) {strict};
CREATE TABLE ruleset_present (
 one {int} NOT NULL PRIMARY KEY CHECK (one = 1),
 digest {blob} NOT NULL REFERENCES ruleset (digest)
) {strict};
CREATE TABLE credential (
 person {blob} NOT NULL PRIMARY KEY,
 hash {text} NOT NULL,
 set_at {int} NOT NULL
) {strict};
CREATE TABLE session (
 id {blob} NOT NULL PRIMARY KEY,
 person {blob} NOT NULL,
 csrf {blob} NOT NULL,
 created_at {int} NOT NULL,
 seen_at {int} NOT NULL,
 expires_at {int} NOT NULL
) {clustered};
CREATE INDEX session_expires ON session (expires_at);
CREATE INDEX session_person ON session (person);
