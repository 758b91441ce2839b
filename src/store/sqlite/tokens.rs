//! What events are filtered by: tokens in the one full-text index.
//!
//! A token is a letter for the field and 64 bits of the value's SHA-256, in hexadecimal. Two values
//! with the same hash cost a look at a row that does not fit; so every hit is checked against the
//! event ([`lets_through`]).

use sha2::Digest as _;
use sha2::Sha256;

use super::facts;
use super::question::Question;
use crate::event::Facts;
use crate::event::Origin;
use crate::store::EventFilter;
use crate::task::Milestone;
use crate::task::TaskKey;
use crate::task::TaskKind;
use crate::task::TaskState;

const TASK: char = 't';
pub(super) const RUN: char = 'r';
pub(super) const SESSION: char = 's';
const TYPE: char = 'y';
const STATUS: char = 'z';
pub(super) const METADATA: char = 'm';
const ORIGIN: char = 'o';
/// Nobody filters by it: it says that an end was told (`told`).
const END: char = 'e';

/// The tokens of an event, as the index takes them.
pub(super) fn of(facts: &Facts, origin: Origin) -> String {
    let mut text = String::with_capacity(160);
    let fields = [
        (TASK, &facts.task_id),
        (RUN, &facts.run_id),
        (SESSION, &facts.session_id),
        (TYPE, &facts.kind),
        (STATUS, &facts.status),
    ];
    for (field, value) in fields {
        if let Some(value) = value {
            push(&mut text, field, &[value]);
        }
    }
    for (key, value) in facts::metadata(facts) {
        push(&mut text, METADATA, &[&key, "\0", &value]);
    }
    // Nearly all events come by webhook: naming those would fill the index and find nothing.
    if origin != Origin::Webhook {
        push(&mut text, ORIGIN, &[origin_word(origin)]);
    }
    if let Some((kind, id)) = ends_once(facts, origin) {
        text.push(' ');
        text.push_str(&end(end_key(&task_hash(kind, id))));
    }
    text
}

/// The question to the index that finds a filter's events; none if the index has nothing to say
/// about it.
pub(super) fn question(filter: &EventFilter) -> Option<Question> {
    let mut groups: Vec<Vec<String>> = Vec::new();
    let fields = [
        (TASK, &filter.task_ids),
        (RUN, &filter.run_ids),
        (SESSION, &filter.session_ids),
        (TYPE, &filter.types),
        (STATUS, &filter.status),
    ];
    for (field, values) in fields {
        groups.push(values.iter().map(|value| token(field, &[value])).collect());
    }
    // The index knows the vendor's words alone, so that a word we come to know later is found too.
    let words = filter.states.iter().flat_map(TaskState::words);
    groups.push(words.map(|word| token(STATUS, &[word])).collect());
    for (key, values) in &filter.metadata {
        let tokens = values
            .iter()
            .map(|value| token(METADATA, &[key, "\0", value]));
        groups.push(tokens.collect());
    }
    if !filter.origins.contains(&Origin::Webhook) {
        let tokens = filter
            .origins
            .iter()
            .map(|&origin| token(ORIGIN, &[origin_word(origin)]));
        groups.push(tokens.collect());
    }
    Question::of(groups)
}

/// The question that finds events about this task.
pub(super) fn about(kind: TaskKind, id: &str) -> Question {
    let field = match kind {
        TaskKind::Task => TASK,
        TaskKind::Run => RUN,
        TaskKind::Session => SESSION,
    };
    Question::one(token(field, &[id]))
}

/// What an event ends, where the index alone keeps that it was told: by webhook, what has one end.
pub(super) fn ends_once(facts: &Facts, origin: Origin) -> Option<(TaskKind, &str)> {
    let (kind, id) = TaskKey::borrowed(facts)?;
    let milestone = Milestone::of(kind, &facts.state()?)?;
    let ends_once = kind != TaskKind::Session && milestone == Milestone::End;
    (ends_once && origin == Origin::Webhook).then_some((kind, id))
}

/// The token of an event that ends the task with this key.
pub(super) fn end(key: u64) -> String {
    format!("{END}{key:016x}")
}

/// What stands for a task where the token of its end must do.
pub(super) fn end_key(task: &TaskHash) -> u64 {
    let (head, _) = task.split_at(8);
    head.iter()
        .fold(0, |key, &octet| key << 8 | u64::from(octet))
}

/// The same, from the digits of its hash or of that token.
pub(super) fn end_key_of(digits: &str) -> Option<u64> {
    u64::from_str_radix(digits.get(..16)?, 16).ok()
}

/// What an event ends, by the one among its tokens that names it.
pub(super) fn end_among(tokens: &str) -> Option<u64> {
    let mut ends = tokens
        .split(' ')
        .filter_map(|token| token.strip_prefix(END));
    ends.next().and_then(end_key_of)
}

/// The question that finds the events that told one of these ends.
pub(super) fn about_ends(ends: &[u64]) -> Option<Question> {
    Question::of([ends.iter().copied().map(end).collect()])
}

/// What stands for a task where its id would take too much room.
pub(super) type TaskHash = [u8; 16];

/// What stands for the task of this kind with this id. Of so many bits no two tasks are expected to
/// share theirs.
pub(super) fn task_hash(kind: TaskKind, id: &str) -> TaskHash {
    let kind = match kind {
        TaskKind::Task => b't',
        TaskKind::Run => b'r',
        TaskKind::Session => b's',
    };
    let hash = Sha256::new_with_prefix([kind]).chain_update(id);
    let mut head = TaskHash::default();
    head.copy_from_slice(&hash.finalize()[..16]);
    head
}

/// The question that finds events about any of these tasks.
pub(super) fn about_tasks(tasks: &[String]) -> Option<Question> {
    Question::of([tasks.iter().map(|task| token(TASK, &[task])).collect()])
}

/// Whether an event is what a filter asks for, apart from when it was received and from `q`.
pub(super) fn lets_through(filter: &EventFilter, facts: &Facts, origin: Origin) -> bool {
    let fields = [
        (&filter.task_ids, &facts.task_id),
        (&filter.run_ids, &facts.run_id),
        (&filter.session_ids, &facts.session_id),
        (&filter.types, &facts.kind),
        (&filter.status, &facts.status),
    ];
    let fits = |values: &[String], value: Option<&str>| {
        values.is_empty() || value.is_some_and(|value| values.iter().any(|one| one == value))
    };
    fields
        .into_iter()
        .all(|(values, value)| fits(values, value.as_deref()))
        && (filter.states.is_empty()
            || facts
                .state()
                .is_some_and(|state| filter.states.contains(&state)))
        && (filter.origins.is_empty() || filter.origins.contains(&origin))
        && filter.metadata.iter().all(|(key, values)| {
            let value = facts::metadata(facts).find(|(name, _)| name == key);
            fits(values, value.as_ref().map(|(_, value)| value.as_str()))
        })
}

pub(super) fn token(field: char, parts: &[&str]) -> String {
    let mut text = String::with_capacity(18);
    push(&mut text, field, parts);
    text
}

pub(super) fn push(text: &mut String, field: char, parts: &[&str]) {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    if !text.is_empty() {
        text.push(' ');
    }
    text.push(field);
    let mut digits = [0; 16];
    hex::encode_to_slice(&hash.finalize()[..8], &mut digits)
        .expect("eight octets are sixteen digits");
    text.extend(digits.map(char::from));
}

fn origin_word(origin: Origin) -> &'static str {
    match origin {
        Origin::Webhook => "webhook",
        Origin::Reconcile => "reconcile",
        Origin::Tidings => "tidings",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(body: &str) -> Facts {
        facts::read(body.as_bytes())
    }

    #[test]
    fn a_filter_asks_for_tokens_that_its_events_have() {
        let facts = facts(
            r#"{"type":"agent.task.status_update","payload":{"task_id":"t1","session_id":"s1",
                "status":"finished","metadata":{"team":"marketing","n":1}}}"#,
        );
        let tokens = of(&facts, Origin::Reconcile);
        let filter = EventFilter {
            types: vec!["agent.task.status_update".into()],
            status: vec!["finished".into()],
            states: vec![TaskState::Finished],
            task_ids: vec!["t1".into()],
            session_ids: vec!["s1".into()],
            origins: vec![Origin::Reconcile],
            metadata: [("team".into(), vec!["marketing".into()])].into(),
            ..EventFilter::default()
        };
        assert!(lets_through(&filter, &facts, Origin::Reconcile));
        let question = question(&filter).unwrap();
        assert!(question.finds(&tokens), "{question:?} in {tokens}");
    }

    #[test]
    fn a_key_and_its_value_cannot_be_read_as_another_pair() {
        let tokens = |metadata: &str| {
            of(
                &facts(&format!(r#"{{"payload":{{"metadata":{metadata}}}}}"#)),
                Origin::Webhook,
            )
        };
        assert_ne!(tokens(r#"{"ab":"c"}"#), tokens(r#"{"a":"bc"}"#));
        // What is not text cannot be asked for.
        assert_eq!(tokens(r#"{"n":1,"o":{},"x":null}"#), "");
    }

    #[test]
    fn what_ends_once_has_a_token_of_its_own_where_a_webhook_says_so() {
        let tokens = |id: &str, status: &str, origin| {
            of(
                &facts(&format!(
                    r#"{{"payload":{{"{id}":"x","status":"{status}"}}}}"#
                )),
                origin,
            )
        };
        for (name, status, kind) in [
            ("task_id", "finished", TaskKind::Task),
            ("run_id", "failed", TaskKind::Run),
        ] {
            let tokens = tokens(name, status, Origin::Webhook);
            assert_eq!(end_among(&tokens), Some(end_key(&task_hash(kind, "x"))));
        }
        let hash = |kind| task_hash(kind, "x");
        assert_ne!(hash(TaskKind::Task), hash(TaskKind::Run));

        for tokens in [
            tokens("task_id", "started", Origin::Webhook),
            tokens("session_id", "stopped", Origin::Webhook),
            tokens("task_id", "finished", Origin::Reconcile),
        ] {
            assert_eq!(end_among(&tokens), None, "{tokens}");
        }
    }

    #[test]
    fn a_filter_that_only_tells_times_asks_the_index_nothing() {
        assert_eq!(question(&EventFilter::default()), None);
        let webhooks = EventFilter {
            origins: vec![Origin::Webhook, Origin::Tidings],
            ..EventFilter::default()
        };
        assert_eq!(question(&webhooks), None);
    }
}
