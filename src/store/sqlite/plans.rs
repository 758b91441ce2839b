//! How SQLite goes about the statements that must stay quick however much there is: a figure would
//! depend on the machine, a plan does not.

use std::num::NonZeroU32;
use std::time::Duration;

use jiff::SignedDuration;
use sqlx::Executor as _;
use sqlx::Row as _;

use super::SqliteStore;
use super::claim;
use super::claim_together;
use super::enrichments;
use super::question::Question;
use super::script::Script;
use super::script::Values;
use super::settle;
use super::tests::store;
use crate::delivery::Attempt;
use crate::delivery::DeliveryId;
use crate::delivery::Outcome;
use crate::delivery::Settle;
use crate::delivery::Settlement;
use crate::store::Room;
use crate::store::Together;
use crate::store::conformance::stage::LEASE;
use crate::store::conformance::stage::at;
use crate::store::turn::Claim;

/// The plan of each statement of a script.
async fn plans(store: &SqliteStore, script: Script) -> Vec<String> {
    let mut writer = store.writer().await.unwrap();
    let mut plans = Vec::new();
    for statement in script.text().split_terminator(';') {
        let explain = format!("explain query plan {statement}");
        let rows = writer
            .connection
            .fetch_all(sqlx::AssertSqlSafe(explain))
            .await
            .unwrap();
        let lines = rows.iter().map(|row| row.get::<String, _>("detail"));
        plans.push(lines.collect::<Vec<_>>().join("\n"));
    }
    plans
}

/// No statement walks over a table, but for the few rows of the turn itself.
fn assert_no_scan(plans: &[String]) {
    const FEW: [&str; 10] = [
        "settling",
        "jsonb_each",
        "4-ROW",
        "s",
        "f",
        "due",
        "going",
        "g",
        "next",
        "behind",
    ];
    for line in plans.iter().flat_map(|plan| plan.lines()) {
        let scanned = line
            .strip_prefix("SCAN ")
            .map(|rest| rest.split(' ').next());
        if let Some(Some(scanned)) = scanned {
            assert!(FEW.contains(&scanned), "{plans:#?}");
        }
    }
}

#[tokio::test]
async fn claiming_reads_the_index_of_what_is_due_and_sorts_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let room = Room {
        sink: "one".parse().unwrap(),
        limit: 64,
        together: None,
    };
    let wanted = Claim {
        rooms: vec![room.clone()],
        now: at(1),
        lease: LEASE,
    };
    let mut script = Script::default();
    claim::claim(&mut script, &wanted, &room, Some(1));
    enrichments::close(&mut script, wanted.now);
    let plans = plans(&store, script).await;
    assert!(
        plans[0].contains("delivery_due (sink=? AND due_at<?)"),
        "{plans:?}"
    );
    assert!(!plans[0].contains("TEMP B-TREE"), "{plans:?}");
    assert_no_scan(&plans);
}

#[tokio::test]
async fn claiming_what_goes_together_reads_no_more_than_goes() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let together = Together {
        wait: Duration::from_secs(1),
    };
    let room = Room {
        sink: "one".parse().unwrap(),
        limit: 64,
        together: Some(together),
    };
    let wanted = Claim {
        rooms: vec![room.clone()],
        now: at(1),
        lease: LEASE,
    };
    let mut script = Script::default();
    claim_together::claim(&mut script, &wanted, &room, together, Some(1));
    let plans = plans(&store, script).await;
    let due = &plans[0];
    assert!(
        due.contains("delivery_due (sink=? AND due_at<?)"),
        "{plans:#?}"
    );
    for behind in &plans[1..3] {
        let by_lane = "delivery_lane (sink=? AND lane=? AND id>?)";
        assert!(behind.contains(by_lane), "{plans:#?}");
    }
    assert!(
        !plans.iter().any(|plan| plan.contains("TEMP B-TREE")),
        "{plans:#?}"
    );
    assert_no_scan(&plans);
}

#[tokio::test]
async fn settling_finds_deliveries_by_number_and_the_next_of_a_lane_by_index() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let mut script = Script::default();
    let settle = Settle {
        delivery: DeliveryId::new(at(0), 1),
        fence: 1,
        held_by: None,
        attempt: Some(Attempt {
            number: NonZeroU32::MIN,
            started_at: at(0),
            duration: SignedDuration::ZERO,
            outcome: Outcome::Delivered,
            status: None,
            error: None,
            answer: None,
        }),
        settlement: Settlement::Delivered,
    };
    // Two, which make four rows: a single one is planned as a constant.
    settle::settles(&mut script, &[(vec![settle.clone(), settle], at(1))]);
    let plans = plans(&store, script).await;
    assert_no_scan(&plans);
    let promotion = plans.iter().find(|plan| plan.contains("delivery_lane"));
    assert!(
        promotion.unwrap().contains("(sink=? AND lane=?"),
        "{plans:#?}"
    );
}

#[tokio::test]
async fn what_has_a_token_is_found_in_order_and_not_sorted() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let found = store.unindexed.ask(&Question::one("t1".to_owned()));
    for direction in ["asc", "desc"] {
        let numbers = found.numbers(&mut Values::default(), 1, 100);
        let mut script = Script::default();
        script.say(&format!("{numbers} order by seq {direction} limit ? + 0;"));
        let plans = plans(&store, script).await;
        // What the index has comes in its order; only the list of the newest is put into it.
        let [plan] = plans.as_slice() else {
            panic!("{plans:#?}");
        };
        assert!(plan.contains("MERGE (UNION ALL)"), "{plan}");
        assert_eq!(plan.matches("TEMP B-TREE").count(), 1, "{plan}");
    }
}
