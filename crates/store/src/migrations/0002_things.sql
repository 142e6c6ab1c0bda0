-- Migration 2: things beside cases (whistles, mediations). What the columns mean stands in ../schema.sql.
CREATE TABLE thing (
 id {blob} NOT NULL PRIMARY KEY,
 aggregate {text} NOT NULL,
 seq {int} NOT NULL UNIQUE,
 owner {blob} NOT NULL,
 version {int} NOT NULL,
 stage {text} NOT NULL,
 open {int} NOT NULL,
 division {blob} NOT NULL,
 code {text} NOT NULL,
 province {text} NOT NULL,
 city {text},
 county {text},
 town {text},
 community {text},
 case_id {blob},
 person {blob},
 next_due {int},
 updated_at {int} NOT NULL,
 updated_seq {int} NOT NULL,
 state {blob} NOT NULL
) {strict};
CREATE INDEX thing_province ON thing (aggregate, province, seq);
CREATE INDEX thing_city ON thing (aggregate, city, seq);
CREATE INDEX thing_county ON thing (aggregate, county, seq);
CREATE INDEX thing_town ON thing (aggregate, town, seq);
CREATE INDEX thing_community ON thing (aggregate, community, seq);
CREATE INDEX thing_case ON thing (case_id, seq);
CREATE INDEX thing_person ON thing (person, seq);
CREATE TABLE thing_unit (
 thing {blob} NOT NULL,
 unit {blob} NOT NULL,
 seq {int} NOT NULL,
 PRIMARY KEY (thing, unit)
) {clustered};
CREATE INDEX thing_unit_unit ON thing_unit (unit, seq);
