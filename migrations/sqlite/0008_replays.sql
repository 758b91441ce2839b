-- Deliveries that are owed once more, many at a time.
--
-- Conventions as in the first migration.

-- A wish to have all that a filter finds delivered once more.
create table replay
(
    id          integer primary key,

    -- 0 replay: events are owed anew. 1 retry: dead letters are owed again.
    kind        integer not null check (kind between 0 and 1),

    -- What it is about: JSON with the names that listings have for the same.
    filter      blob    not null,

    -- How many events or dead letters were found when it began; counting stops at a hundred thousand.
    matched     integer not null,

    -- 0 running, 1 done, 2 cancelled
    state       integer not null default 0 check (state between 0 and 2),
    created_at  integer not null,

    -- Null: some of it is still to be owed, or owed and not settled.
    finished_at integer,

    check (state <> 1 or finished_at is not null)
) strict;

-- Which of them there is still something to do for.
create index replay_unfinished on replay (id) where finished_at is null;

-- A replay at one of its sinks. Each has a place of its own, so that none waits for another.
create table replay_sink
(
    replay    integer not null references replay (id),
    sink      integer not null references sink (id),

    -- It goes through the numbers of events (of a retry, of deliveries) from the one behind `behind`
    -- to `through`, and has come as far as `reached`. What came later than the wish is beyond.
    behind    integer not null,
    through   integer not null,
    reached   integer not null,

    -- What it has owed so far, and what became of those that stand in `replay_debt` no more.
    owed      integer not null default 0,
    delivered integer not null default 0,
    dead      integer not null default 0,
    discarded integer not null default 0,

    primary key (replay, sink),
    check (behind <= reached and reached <= through)
) strict, without rowid;

-- What replays owe and had not seen settled when they looked last: so few for each sink that the
-- table stays small however much is replayed.
create table replay_debt
(
    delivery integer primary key references delivery (id) on delete cascade,
    replay   integer not null,
    sink     integer not null,

    foreign key (replay, sink) references replay_sink (replay, sink)
) strict;

create index replay_debt_by_sink on replay_debt (sink, replay);
