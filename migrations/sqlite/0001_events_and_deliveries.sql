-- The log of events, what is owed to sinks, and who may look.
--
-- Conventions: times are microseconds since 1970, UTC. Text that strangers wrote is a blob, because
-- not every database takes NUL or half a surrogate pair as text. Integers that stand for words are
-- explained beside their column and in `src/store/sqlite/codes.rs`.
-- `auto_vacuum = incremental` is set by the connection that makes the file: later would be too late.

-- A path that receives. Known by its name; the number only keeps rows small.
create table endpoint
(
    id           integer primary key,
    name         text not null unique,

    -- When the vendor's test ping came last. The ping itself is no event.
    last_ping_at integer
) strict;

-- A place events go to. It stays here when it leaves the configuration, because its debts stay.
create table sink
(
    id            integer primary key,
    name          text    not null unique,
    registered_at integer not null,

    -- The latest failure, in a line, for whoever asks how the sink fares.
    last_error    blob,
    last_error_at integer
) strict;

create table event
(
    -- The order of commits, given by the one writer; every cursor counts in it. The newest row is
    -- never deleted, or its number would come again.
    seq              integer primary key,

    -- 16 octets made from the body, the body's time first: so the unique index grows at its right
    -- edge, and inserting stays as cheap at ten million rows as at ten thousand.
    id               blob    not null,

    -- Whose it is. One project today; a constant 0 takes no room in the row.
    account          integer not null default 0,
    endpoint         integer not null references endpoint (id),

    -- 0 webhook, 1 reconcile, 2 tidings
    origin           integer not null check (origin between 0 and 2),

    -- Made monotone by the writer, so that a time is found by binary search and needs no index.
    received_at      integer not null,

    -- How it proved genuine; all five are null for what did not come by webhook.
    -- 0 python, 1 utf8, 2 raw, 3 payload
    form             integer check (form between 0 and 3),
    -- The name of the secret that matched, never the secret.
    secret           text,
    -- Both headers, verbatim.
    header_timestamp blob,
    header_signature blob,
    -- The time that the first of them tells.
    signed_at        integer,

    -- The bytes as they came. Everything the body says is read from here again, so that nothing
    -- is kept twice and a better reader sees better in old events too.
    body             blob    not null
) strict;

create unique index event_by_id on event (id);

-- Events that came more than once. A table of its own: counting in the event's row would rewrite
-- its body each time.
create table sighting
(
    event   integer primary key references event (seq) on delete cascade,

    -- How often it came again, after the first time. A lower bound after a crash.
    times   integer not null,
    last_at integer not null
) strict;

-- What events can be filtered by: for each event the hashes of its task, run, session, type,
-- status, origin and metadata, each behind a letter (`src/store/sqlite/tokens.rs`). One such index
-- costs a commit a fifth of a page; a B-tree on a task id alone costs a whole one. The hashes are
-- hexadecimal, so that the tokenizer never splits them, and a hit is checked against the event.
create virtual table event_token using fts5
(
    tokens,
    content = '',
    columnsize = 0,
    detail = none,
    tokenize = 'ascii'
);

-- One event owed to one sink. Not unique by event and sink: a replay is a row of its own.
create table delivery
(
    id               integer primary key,
    event            integer not null references event (seq),
    sink             integer not null references sink (id),

    -- Deliveries to one sink with the same lane go one after the other: a hash of the event's
    -- order key in 63 bits. Null waits for nobody and holds up nobody: unordered sinks, replays,
    -- and dead letters tried again.
    lane             integer,

    -- 1: somebody asked for the event once more.
    replay           integer not null default 0 check (replay in (0, 1)),

    -- 0 open, 1 leased, 2 delivered, 3 dead, 4 discarded. Nobody claims what is none of these.
    state            integer not null default 0 check (state between 0 and 4),

    -- Open: when to try. Leased: when the lease ends, and anyone may claim it again. Null while
    -- unsettled: it waits behind an earlier one of its lane, so only a lane's head is ever due,
    -- and claiming never reads past those that wait. Null when settled.
    due_at           integer,

    -- The fence: every claim adds one, and so does whoever intervenes. Whoever settles must show
    -- the number it was given.
    lease            integer not null default 0,

    -- Attempts that were settled. A claim alone counts nothing.
    attempts         integer not null default 0,
    created_at       integer not null,

    -- The give-up clock runs from here. A retry by hand sets it back to null.
    first_attempt_at integer,
    settled_at       integer,

    -- Why it is dead or discarded.
    reason           blob,

    -- A settled delivery is never due, and one that is leased always is at some time.
    check ((settled_at is null) = (state < 2)),
    check (settled_at is null or due_at is null),
    check (state <> 1 or due_at is not null)
) strict;

-- What to claim, and when to look again.
create index delivery_due on delivery (sink, due_at, id) where due_at is not null;

-- Who is next in a lane.
create index delivery_lane on delivery (sink, lane, id)
    where settled_at is null and lane is not null;

-- What a sink is owed, oldest and newest first.
create index delivery_open on delivery (sink, id) where settled_at is null;

-- Dead letters.
create index delivery_dead on delivery (sink, id) where state = 3;

-- Who held a lease when the process ended: void at the next start, without reading a million debts.
create index delivery_leased on delivery (id) where state = 1;

-- An event's own deliveries, and the check that no event goes before its debts.
create index delivery_by_event on delivery (event);

-- One try of a delivery.
create table attempt
(
    delivery   integer not null references delivery (id) on delete cascade,
    number     integer not null,            -- from 1
    started_at integer not null,
    took_ms    integer not null,

    -- 0 delivered, 1 failed, 2 refused
    outcome    integer not null check (outcome between 0 and 2),
    status     integer,                     -- of HTTP
    error      blob,                        -- in a line
    answer     blob,                        -- at most 2 KiB

    primary key (delivery, number)
) strict, without rowid;

-- How a sink fared, by the hour: so that a day's sums cost 25 rows and not a day's attempts.
create table sink_hour
(
    sink      integer not null references sink (id),
    hour      integer not null,             -- hours since 1970
    delivered integer not null,
    failed    integer not null,             -- refused ones included

    primary key (sink, hour)
) strict, without rowid;

-- A request that was refused. Bounded in number: the oldest go.
create table rejection
(
    id          integer primary key,
    at          integer not null,
    endpoint    text    not null,
    cause       text    not null,
    diagnosis   text,
    remote      text,
    headers     blob    not null,           -- JSON: [[name, value], …], credentials masked
    body_size   integer not null,
    body_sha256 blob
) strict;

-- What opens the API.
create table token
(
    id           integer primary key,
    hash         blob    not null unique,   -- SHA-256; the token itself is shown once and not kept
    scope        integer not null check (scope between 0 and 2),   -- 0 read, 1 operate, 2 admin
    name         blob,
    created_at   integer not null,
    expires_at   integer,
    revoked_at   integer,
    last_used_at integer
) strict;

-- Webhook secrets given to a running server. The reason why the file is its owner's alone.
create table webhook_secret
(
    endpoint text    not null,
    name     text    not null,
    secret   text    not null,
    set_at   integer not null,

    primary key (endpoint, name)
) strict, without rowid;

-- Which Tidings brought this file to its present form: what to name to one that is too old for it.
create table installation
(
    id          integer primary key check (id = 1),
    migrated_by text not null
) strict;
