-- What is known of tasks: what was said about them, and what that comes to.
--
-- All of it can be made again from the log of events and the table `observation`; nothing here is
-- written before an event is acknowledged. Conventions as in the first migration.

-- How far whoever follows the log behind the acknowledgement has come.
create table follower
(
    name text    primary key,               -- `tasks`
    seq  integer not null                   -- of the last event it has read
) strict, without rowid;

-- Where a task stands: its observations, folded (`src/task/projection.rs`).
create table task
(
    -- In the order in which tasks were first heard of: those alive together are neighbours, and so
    -- are their observations.
    id            integer primary key,
    account       integer not null default 0,

    -- 0 task, 1 run, 2 session
    kind          integer not null check (kind between 0 and 2),
    vendor_id     blob    not null,

    -- The lane that its deliveries go in: a hash of the vendor's id in 63 bits, so that the one
    -- index that grows at random stays small. Whoever finds a row by it compares the id.
    lane          integer not null,

    -- How many observations there are: the number of the last.
    observations  integer not null,

    -- The vendor's word that counts, who said it, when it was so, and when we learned it; all null
    -- if nobody said any. What the word means is not stored, so that a word we come to know later
    -- means it for old tasks too.
    word          blob,
    source        integer,                  -- as in `observation`
    at            integer,
    seen_at       integer,

    -- When it was first said to be created, and to be running.
    created_at    integer,
    started_at    integer,

    -- Beside the vendor's own id; null where there is none, or where it is that.
    run_id        blob,
    session_id    blob,
    metadata      blob,                     -- JSON in canonical form

    first_seen_at integer not null,
    last_seen_at  integer not null,

    check ((word is null) = (source is null) and (word is null) = (at is null)
           and (word is null) = (seen_at is null))
) strict;

create index task_by_lane on task (lane);

-- Tasks by how they stand. It grows at the right edge of each word.
create index task_by_word on task (word);

-- What else tasks are found by: the hashes of their run, session and metadata, written as in
-- `event_token`. Unlike an event, a task may learn more of them, and its row here is replaced.
create virtual table task_token using fts5
(
    tokens,
    content = '',
    contentless_delete = 1,
    detail = none,
    tokenize = 'ascii'
);

-- What was said about a task. The truth about it: nothing here is changed, and what is known of the
-- task folds it.
create table observation
(
    task       integer not null references task (id),
    number     integer not null,            -- from 1, in the order in which we learned

    -- 0 webhook, 1 reconcile, 2 look-up, 3 gateway
    source     integer not null check (source between 0 and 3),
    at         integer not null,            -- when it was so
    seen_at    integer not null,            -- when we learned it
    word       blob,                        -- the vendor's

    -- The event that said it; null where none did. It may be gone: events are kept for a time.
    event      integer,

    -- What it said of these, where no event says it: an event's body is read again.
    run_id     blob,
    session_id blob,
    metadata   blob,

    primary key (task, number)
) strict, without rowid;

-- An event is observed once.
create unique index observation_by_event on observation (event) where event is not null;
