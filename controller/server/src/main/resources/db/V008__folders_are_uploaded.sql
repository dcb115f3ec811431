-- `uploaded`: its commit was made of a folder and is in nobody's history; no branch shows it.
ALTER TABLE deployment ADD COLUMN uploaded boolean NOT NULL DEFAULT false;

ALTER TABLE deployment DROP CONSTRAINT deployment_cause_check;
ALTER TABLE deployment ADD CONSTRAINT deployment_cause_check
  CHECK (cause IN ('push', 'upload', 'config', 'rollback', 'service'));
