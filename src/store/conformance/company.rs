//! Laws of who waits for company, and who goes alone.

use crate::delivery::Outcome;
use crate::delivery::Settlement;
use crate::store::conformance::stage::Backend;
use crate::store::conformance::stage::LEASE;
use crate::store::conformance::stage::about;
use crate::store::conformance::stage::append_all;
use crate::store::conformance::stage::at;
use crate::store::conformance::stage::loose;
use crate::store::conformance::stage::opened;
use crate::store::conformance::stage::word;
use crate::store::conformance::together::claim_after;
use crate::store::conformance::together::claim_together;
use crate::store::conformance::together::numbers;
use crate::store::conformance::together::settle_together;
use crate::store::conformance::together::two_lanes;
use crate::task::Enrichment;

pub(in crate::store) async fn what_is_due_waits_for_more_until_its_time_or_until_it_is_enough(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    append_all(&store, (1..=3).map(|n| loose("t", n, &["one"])).collect()).await;
    // The first has been due since second 1.
    assert!(claim_after(&store, 4, 10, 10).await.is_empty());
    assert_eq!(numbers(&claim_after(&store, 3, 10, 10).await), [1, 2, 3]);

    append_all(&store, (20..=22).map(|n| loose("t", n, &["one"])).collect()).await;
    assert!(claim_after(&store, 4, 10, 29).await.is_empty());
    assert_eq!(claim_after(&store, 4, 10, 30).await.len(), 3);

    // Those behind the head of a lane count, too.
    let lane = (40..=43).map(|n| about("a", n, &["one"]));
    append_all(&store, lane.collect()).await;
    assert!(claim_after(&store, 5, 10, 43).await.is_empty());
    assert_eq!(
        numbers(&claim_after(&store, 4, 10, 43).await),
        [7, 8, 9, 10]
    );
}

pub(in crate::store) async fn who_was_refused_in_company_goes_alone(backend: &impl Backend) {
    let store = two_lanes(backend).await;
    let leases = claim_together(&store, 100, 10).await;
    assert!(leases.iter().all(|lease| !lease.goes_alone));
    let words = leases.iter().map(|lease| {
        let mut word = word(lease, Settlement::Retry(at(11)), 11);
        if lease.event.seq < 3 {
            word.attempt.as_mut().unwrap().outcome = Outcome::Refused;
        }
        word
    });
    store.settle_all(words.collect(), at(11)).await.unwrap();
    // It has been in company: there is nothing that it would wait for.
    let again = claim_after(&store, 100, 1000, 12).await;
    let alone: Vec<_> = again.iter().map(|lease| lease.goes_alone).collect();
    assert_eq!(alone, [true, true, false, false, false, false]);
}

pub(in crate::store) async fn who_waits_for_what_is_looked_up_is_waited_for_in_company_too(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    let mut appends: Vec<_> = (1..=4).map(|n| about("a", n, &["one"])).collect();
    appends[2].owed[0].enrich = Some(LEASE);
    append_all(&store, appends).await;
    let leases = claim_together(&store, 100, 10).await;
    assert_eq!(numbers(&leases), [1, 2]);
    settle_together(&store, &leases, &Settlement::Delivered, 11).await;
    assert!(claim_together(&store, 100, 12).await.is_empty());

    let known = Enrichment::unavailable("nobody knows");
    store.decide_enrichment(3, known, at(13)).await.unwrap();
    let leases = claim_together(&store, 100, 13).await;
    assert_eq!(numbers(&leases), [3, 4]);
    assert!(leases[0].enrichment.is_some());
}
