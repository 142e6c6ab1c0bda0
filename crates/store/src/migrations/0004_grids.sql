-- Migration 4: grids, outlines of divisions, named places, the grids of cases, and open cases by place for maps. What the columns mean stands in
-- ../schema.sql. Never changed after its release.
CREATE TABLE grid (
 id {blob} NOT NULL,
 version {int} NOT NULL,
 code {text} NOT NULL,
 layer {text} NOT NULL,
 host {text} NOT NULL,
 valid_from {int} NOT NULL,
 valid_to {int},
 season {int},
 area_m2 {int} NOT NULL,
 about {blob} NOT NULL,
 shape {blob} NOT NULL,
 PRIMARY KEY (id, version)
) {clustered};
CREATE INDEX grid_host ON grid (host);
CREATE TABLE outline (
 division {blob} NOT NULL PRIMARY KEY,
 code {text} NOT NULL,
 source {text} NOT NULL,
 shape {blob} NOT NULL
) {strict};
CREATE TABLE place (
 code {text} NOT NULL PRIMARY KEY,
 name {text} NOT NULL,
 aliases {text} NOT NULL,
 kind {text} NOT NULL,
 division {text} NOT NULL,
 lon_e7 {int} NOT NULL,
 lat_e7 {int} NOT NULL
) {strict};
CREATE TABLE case_grid (
 grid {blob} NOT NULL,
 seq {int} NOT NULL,
 layer {text} NOT NULL,
 PRIMARY KEY (grid, seq)
) {clustered};
CREATE INDEX case_grid_case ON case_grid (seq);
CREATE INDEX cases_place_open ON cases (lat_e7, lon_e7) WHERE open = 1;
