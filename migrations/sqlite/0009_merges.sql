-- How often the index of filters merges what it has gathered.
--
-- Conventions as in the first migration.

-- FTS5 begins to merge when so many pieces of a size have come together, 4 unless told. Most of what
-- an append costs the processor beside the row itself is merging; at 8 that is a tenth less of the
-- whole, and a search has twice as many pieces to look into, which takes microseconds each.
insert into event_token (event_token, rank) values ('automerge', 8);
insert into task_token (task_token, rank) values ('automerge', 8);
