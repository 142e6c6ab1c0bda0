-- Migration 3: the whole procedure. Cases may be suspended or go on in another case, be solved on the spot, and be worked on
-- again. Never changed after its release.
ALTER TABLE stock ADD COLUMN suspended {int} NOT NULL DEFAULT 0;
ALTER TABLE stock ADD COLUMN merged {int} NOT NULL DEFAULT 0;
ALTER TABLE flow ADD COLUMN solved {int} NOT NULL DEFAULT 0;
ALTER TABLE flow ADD COLUMN reopened {int} NOT NULL DEFAULT 0;
