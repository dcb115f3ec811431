-- The image that has the stack's buildpacks and the lifecycle that runs them; none where the platform has both.
ALTER TABLE stack ADD COLUMN builder text;
