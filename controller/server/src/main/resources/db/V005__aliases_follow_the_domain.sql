-- `alias`: the environment's name under the platform's domain; it follows when that changes.
ALTER TABLE endpoint ADD COLUMN alias boolean NOT NULL DEFAULT false;
UPDATE endpoint SET alias = true;

ALTER TABLE publication DROP CONSTRAINT publication_host_fkey;
ALTER TABLE publication
  ADD FOREIGN KEY (host) REFERENCES endpoint ON DELETE CASCADE ON UPDATE CASCADE;
