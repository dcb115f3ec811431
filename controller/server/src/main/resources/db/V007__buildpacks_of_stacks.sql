-- Where the stack's buildpacks come from, in order; none where the platform's own are asked.
ALTER TABLE stack ADD COLUMN buildpacks text[] NOT NULL DEFAULT '{}';
