-- What the review of an import shows: weighing a large one takes seconds, and it is looked at more often than it changes.
-- Its remarks have addresses: it goes with the rows that wait, and whenever one of them is erased.
CREATE TABLE contact_import_review (
  import_id bigint PRIMARY KEY REFERENCES contact_import ON DELETE CASCADE,
  weighed_at timestamptz NOT NULL,
  outcome_hash text NOT NULL, -- of what each row would do: another one when it is confirmed means that it is not what was shown
  remarks jsonb NOT NULL -- the first of each class
);
