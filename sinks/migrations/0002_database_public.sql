-- What everybody may read.
CREATE DATABASE IF NOT EXISTS ${public}
