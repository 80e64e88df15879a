-- What holds raw events and person grain.
CREATE DATABASE IF NOT EXISTS ${private}
