-- What queries filter by. The records themselves are in the tree.
CREATE TABLE events (
    record  INTEGER PRIMARY KEY, -- number in the log
    at      INTEGER NOT NULL,    -- microseconds since the Unix epoch
    kind    TEXT    NOT NULL,
    actor   TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    hash    BLOB    NOT NULL     -- leaf hash
) STRICT;
CREATE INDEX events_by_kind ON events (kind, record);
CREATE INDEX events_by_subject ON events (subject, record);
CREATE INDEX events_by_at ON events (at);
PRAGMA user_version = 1;
