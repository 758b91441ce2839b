-- What the first migration's tables may hold: to try later migrations on.
insert into endpoint (id, name) values (1, 'default');
insert into sink (id, name, registered_at) values (1, 'one', 1800000000000000);

insert into event
    (seq, id, endpoint, origin, received_at,
     form, secret, header_timestamp, header_signature, signed_at, body)
values
    (1, x'01000000000080000000000000000001', 1, 0, 1800000001000000,
     0, '#1', x'31383030303030303031', x'6162', 1800000001000000,
     cast('{"timestamp":"2027-01-15T08:00:01Z","type":"agent.task.status_update","payload":{"session_id":"s","task_id":"t","status":"started"}}' as blob)),
    (2, x'01000000000080000000000000000002', 1, 0, 1800000002000000,
     0, '#1', x'31383030303030303032', x'6162', 1800000002000000,
     cast('{"timestamp":"2027-01-15T08:00:02Z","type":"agent.task.status_update","payload":{"session_id":"s","task_id":"t","status":"finished"}}' as blob)),
    (3, x'01000000000080000000000000000003', 1, 2, 1800000003000000,
     null, null, null, null, null, x'7b7d');

insert into event_token (rowid, tokens) values (1, 't0'), (2, 't0');
insert into delivery (event, sink, lane, state, created_at, settled_at, due_at)
values (1, 1, 7, 2, 1800000001000000, 1800000001500000, null),
       (2, 1, 7, 0, 1800000002000000, null, 1800000002000000);
