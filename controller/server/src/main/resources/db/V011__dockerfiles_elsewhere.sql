-- `dockerfile`: where it lies below the root; empty: where it usually does. One deployment may choose
-- formula and Dockerfile otherwise.
ALTER TABLE stack ADD COLUMN dockerfile text NOT NULL DEFAULT '';
ALTER TABLE deployment ADD COLUMN dockerfile text;
ALTER TABLE deployment ADD COLUMN formula text CHECK (formula IN ('buildpack', 'dockerfile'));
