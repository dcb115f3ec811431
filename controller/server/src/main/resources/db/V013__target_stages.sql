-- `stage`: of the Dockerfile, by name or number; empty: the last. Buildpacks have none. One deployment may choose
-- otherwise.
ALTER TABLE stack ADD COLUMN stage text NOT NULL DEFAULT '' CHECK (stage = '' OR formula = 'dockerfile');
ALTER TABLE deployment ADD COLUMN stage text;
