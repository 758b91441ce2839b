//! An hour in which a sink is down, and what comes after.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use futures_util::future::join_all;
use jiff::SignedDuration;

use crate::harness::full_counts;
use crate::harness::office::Office;
use crate::harness::office::settings;
use crate::harness::scripted::Answer;
use crate::harness::scripted::Scripted;

/// How many events each task tells.
const STEPS: usize = 4;

/// Has these tasks tell all they have to tell, many at once.
async fn hear(office: &Office, tasks: usize) {
    for first in (0..tasks).step_by(64) {
        let group = (first..tasks.min(first + 64)).map(|task| async move {
            for step in 1..=STEPS {
                office.hears(&format!("task_{task}"), step).await;
            }
        });
        join_all(group).await;
    }
}

/// How much memory this process has, in bytes.
fn memory() -> usize {
    let statm = fs::read_to_string("/proc/self/statm").unwrap();
    let resident = statm.split(' ').nth(1).unwrap();
    resident.parse::<usize>().unwrap() * rustix::param::page_size()
}

#[tokio::test]
async fn an_hour_without_a_sink_costs_a_few_probes_and_then_all_of_it_goes_at_once_and_in_order() {
    let tasks = if full_counts() { 25_000 } else { 500 };
    let events = tasks * STEPS;
    let down = Scripted::new(|_| Answer::NotNow);
    let up = Scripted::new(|_| Answer::Yes);
    let office = Office::open(vec![
        (settings("down"), Arc::clone(&down)),
        (settings("up"), Arc::clone(&up)),
    ])
    .await;
    hear(&office, tasks).await;
    office.delivers().await;
    assert_eq!(up.seen().len(), events);
    let until_it_opened = down.seen().len();
    assert!(until_it_opened < 14, "{until_it_opened}");

    // An hour, in which something happens every ten seconds.
    let before = memory();
    for live in 1..=360 {
        office.clock.advance(SignedDuration::from_secs(10));
        office.hears("live", live).await;
        office.delivers().await;
        assert_eq!(up.seen().len(), events + live, "the other one waits");
    }
    let grown = memory().saturating_sub(before);
    assert!(grown < 8 << 20, "{grown} bytes more");
    // After 10, 20, 40, 80 and 160 seconds, and then every five minutes.
    let probes = down.seen().len() - until_it_opened;
    assert!((10..=16).contains(&probes), "{probes}");

    // It is back. From the next probe on everything goes, and no time passes.
    down.now_answers(Answer::Yes);
    let tried = down.seen().len();
    office.delivers_after(SignedDuration::from_mins(5)).await;
    let accepted = down.seen().split_off(tried);
    assert_eq!(accepted.len(), events + 360);
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    for seen in &accepted {
        let (task, step) = seen.split_once('/').unwrap();
        let step = step.parse().unwrap();
        let before = last.insert(task, step).unwrap_or_default();
        assert_eq!(step, before + 1, "{task}");
    }
}
