-- Old detail is pruned by an operator: who received an ended edition goes, what it counts stays.

ALTER TABLE edition
  ADD COLUMN pruned_at timestamptz, -- since then its deliveries and attempts go; never taken back
  -- nothing is sent of it again: nobody knows any more who has it
  ADD CONSTRAINT edition_pruned CHECK (pruned_at IS NULL OR state IN ('sent', 'cancelled'));

-- Attempts go with the detail of their edition, and in no other way.
CREATE FUNCTION refuse_unless_pruned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT edition_id FROM removed) AS of_edition
    LEFT JOIN edition ON edition.id = edition_id
    WHERE pruned_at IS NULL
  ) THEN
    RAISE EXCEPTION '% is append-only: rows go only when their edition is pruned', TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER attempt_append_only ON attempt;
CREATE TRIGGER attempt_append_only BEFORE UPDATE OR TRUNCATE ON attempt
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER attempt_pruned_only AFTER DELETE ON attempt
  REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION refuse_unless_pruned();
