-- Who wrote in a draft that was discarded: somebody may have it open still, and what is saved from there is theirs too.

ALTER TABLE edition ADD COLUMN draft_writers bigint[] NOT NULL DEFAULT '{}';
